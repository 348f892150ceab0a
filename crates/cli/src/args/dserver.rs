//! `whimbrel dserver`: what it asks for.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{Drawing, Form, Format, Limit};

#[derive(Debug, Subcommand)]
pub(crate) enum Dserver {
    /// Find datasets by words of their metadata, tags, creators, base URIs
    #[command(after_help = SEARCH_EXAMPLES)]
    Search(Search),
    /// One dataset, by UUID or URI
    Show {
        /// The dataset; a UUID that lies at several places is an error, a URI never is
        dataset: String,
    },
    /// Where the copies of a dataset are
    Lookup {
        /// The dataset's UUID
        uuid: String,
    },
    /// What is written about datasets: README.yml
    ///
    /// Of one dataset the text as it is. In JSON: uri, readme, and data, which is what the text says as YAML, or null.
    #[command(after_help = README_EXAMPLES, visible_alias = "readmes")]
    Readme(Datasets),
    /// The items of datasets
    #[command(visible_alias = "manifests")]
    Manifest(Datasets),
    /// The tags of datasets
    Tags(Datasets),
    /// The annotations of datasets; a server of 0.22 makes text of every value
    Annotations(Datasets),
    /// Find datasets by a query of MongoDB
    #[command(after_help = QUERY_EXAMPLES)]
    Query {
        /// A JSON object; @FILE reads it from a file, - from the standard input
        #[arg(value_name = "JSON|@FILE|-")]
        query: String,
        #[command(flatten)]
        limit: Limit,
    },
    /// Compute over datasets by a pipeline of MongoDB; most servers have this switched off
    #[command(after_help = AGGREGATE_EXAMPLES)]
    Aggregate {
        /// A JSON array of stages, or one stage; @FILE reads it from a file, - from the standard input
        #[arg(value_name = "JSON|@FILE|-")]
        stages: String,
        #[command(flatten)]
        limit: Limit,
    },
    /// Draw where a dataset comes from, and what was made of it
    #[command(after_help = GRAPH_EXAMPLES)]
    Graph(Graph),
    /// Count datasets and their bytes by creator, base URI and tag
    Summary {
        /// What this user can see, for administrators; by default what you can
        user: Option<String>,
    },
    /// Who is known; for administrators
    #[command(visible_alias = "user")]
    Users {
        /// This one with its rights; you may always name yourself
        name: Option<String>,
        #[command(flatten)]
        limit: Limit,
    },
    /// Where datasets may lie, and who has which right there; for administrators
    #[command(visible_alias = "base-uri", args_conflicts_with_subcommands = true)]
    BaseUris(BaseUris),
    /// Put a dataset that can be read into the index
    #[command(after_help = REGISTER_EXAMPLES)]
    Register(Register),
    /// What the server can do, and why it can't do the rest
    Features,
    /// Whether the server and its parts are well; needs a release after 0.22
    Health,
    /// How the server is set up
    Config,
    /// The versions of the server and its plugins
    Versions,
}

#[derive(Debug, Args)]
pub(crate) struct Search {
    /// Words, any of them; "a phrase"; -without; tag:, creator:, base: and uuid: for what words can't say
    pub words: Vec<String>,
    /// With this tag; all of several
    #[arg(long)]
    pub tag: Vec<String>,
    /// By this user; any of several
    #[arg(long)]
    pub creator: Vec<String>,
    /// At this base URI; any of several
    #[arg(long)]
    pub base_uri: Vec<String>,
    /// Of this UUID; any of several
    #[arg(long)]
    pub uuid: Vec<String>,
    /// In the order of name, created_at, frozen_at, creator_username, base_uri, uri or uuid; -FIELD the other way round;
    /// several with commas between them
    #[arg(long, value_name = "FIELD", value_delimiter = ',', allow_hyphen_values = true, value_parser = field)]
    pub sort: Vec<String>,
    #[command(flatten)]
    pub limit: Limit,
}

/// One dataset, or many.
#[derive(Debug, Args)]
pub(crate) struct Datasets {
    /// The datasets, by UUID or URI
    #[arg(required_unless_present = "from", value_name = "DATASET")]
    pub datasets: Vec<String>,
    /// Read them from this file, one a line; - for the standard input
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Graph {
    /// The dataset, by UUID or URI
    pub dataset: String,
    /// Where in a dataset's metadata the UUIDs of those it was derived from stand; by default where the server's operator
    /// says
    #[arg(long, value_name = "KEY", num_args = 1..)]
    pub keys: Vec<String>,
    /// Write it to this file, in place of one that is there
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// How to print
    // The option for all commands, with more to choose from.
    #[arg(short, long, value_enum, default_value_t = Form::Data(Format::Table), help_heading = "Options for all commands")]
    pub output: Form,
}

impl Graph {
    /// The drawing that is asked for, if it is one.
    pub(crate) fn drawing(&self) -> Option<Drawing> {
        match self.output {
            Form::Data(_) => None,
            Form::Drawing(drawing) => Some(drawing),
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct BaseUris {
    #[command(subcommand)]
    pub command: Option<BaseUriCommand>,
    /// This one with its rights
    pub base_uri: Option<String>,
    #[command(flatten)]
    pub limit: Limit,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BaseUriCommand {
    /// Give a user a right
    Grant(Right),
    /// Take a right from a user
    Revoke(Right),
}

#[derive(Debug, Args)]
pub(crate) struct Right {
    /// The base URI
    pub base_uri: String,
    /// The user
    #[arg(long)]
    pub user: String,
    /// The right
    #[arg(long, value_enum)]
    pub right: RightName,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RightName {
    /// See the datasets there
    Search,
    /// Register datasets there
    Register,
}

/// The fields by which the server can sort.
const FIELDS: [&str; 7] = ["name", "created_at", "frozen_at", "creator_username", "base_uri", "uri", "uuid"];

fn field(text: &str) -> Result<String, String> {
    match FIELDS.contains(&text.strip_prefix('-').unwrap_or(text)) {
        true => Ok(text.to_owned()),
        false => Err(format!("the server sorts by {}", FIELDS.join(", "))),
    }
}

const SEARCH_EXAMPLES: &str = "\
What words say, together:
  wear steel         any of these words, in metadata, readme or manifest; in any English ending
  \"pin on disc\"      this phrase; for a shell '\"pin on disc\"', as it takes quotes away
  -failed            without this word or phrase, beside others; after --, or it is an option
  tag:steel          this tag; all of several
  creator:ada        made by this user; any of several
  base:s3://bucket   at this base URI; any of several
  uuid:26f2cf7e-...  of this UUID; any of several
  tag:\"two words\"    a value with spaces in it
  \"tag:steel\"        text, since it is quoted; so is other:steel

Examples:
  whimbrel dserver search wear tag:steel --sort -frozen_at --limit 10
  whimbrel dserver search -- '\"pin on disc\"' -failed creator:ada
  whimbrel dserver search tag:steel -o jsonl | jq -r .uri | whimbrel dserver readme --from -";

const README_EXAMPLES: &str = "\
Examples:
  whimbrel dserver readme 26f2cf7e-8b4a-4f0a-9f3e-0d5c1a2b3c4d
  whimbrel dserver readme --from uris.txt -o jsonl     a line as soon as a readme is there

Many are asked for at once. One that fails does not fail the others; the exit code is 8 then.";

const QUERY_EXAMPLES: &str = "\
Examples:
  whimbrel dserver query '{\"readme.owners.name\": \"Ada Lovelace\"}'
  whimbrel dserver query '{\"size_in_bytes\": {\"$gt\": 1000000}, \"tags\": \"steel\"}' -o csv
  whimbrel dserver query @query.json --limit 10";

const AGGREGATE_EXAMPLES: &str = "\
The server leaves out each row's _id: give what you group by another name, as here.

Examples:
  whimbrel dserver aggregate '[{\"$group\": {\"_id\": \"$creator_username\", \"n\": {\"$sum\": 1}}},
                               {\"$project\": {\"creator\": \"$_id\", \"n\": 1}}]'
  whimbrel dserver aggregate @pipeline.json -o csv";

const GRAPH_EXAMPLES: &str = "\
An arrow leads from a dataset to what was derived from it; in a table that stands below it.

Examples:
  whimbrel dserver graph 26f2cf7e-8b4a-4f0a-9f3e-0d5c1a2b3c4d
  whimbrel dserver graph s3://bucket/26f2cf7e-8b4a-4f0a-9f3e-0d5c1a2b3c4d -o svg > graph.svg
  whimbrel dserver graph 26f2cf7e-8b4a-4f0a-9f3e-0d5c1a2b3c4d -o html --out graph.html
  whimbrel dserver graph 26f2cf7e-8b4a-4f0a-9f3e-0d5c1a2b3c4d --keys annotations.source_uuid";

const REGISTER_EXAMPLES: &str = "\
Its content stays where it is. What is told of it is read there: in the folder, with the keys of DTOOL_S3_*, or on the web.

Examples:
  whimbrel dserver register ./my-dataset                  as file://<this machine>/...
  whimbrel dserver register ./my-dataset --base-uri file://storage/data
  whimbrel dserver register s3://bucket/af6727bf-29c7-43dd-b42f-a5d7ede28337";

#[derive(Debug, Args)]
pub(crate) struct Register {
    /// The folder of a dataset, or a URI: file, s3, ecs, http, https
    #[arg(value_name = "FOLDER|URI")]
    pub dataset: String,
    /// The base URI that the server knows it at; by default what comes before its name
    #[arg(long, value_name = "URI")]
    pub base_uri: Option<String>,
}
