//! The command line.

mod auth;
pub(crate) mod cocaine;
pub(crate) mod coscine;
pub(crate) mod datasift;
pub(crate) mod dserver;
mod form;
mod metadata;
mod sync;

use std::path::PathBuf;

use clap::{ArgAction, Parser, Subcommand, ValueEnum};

pub(crate) use self::{auth::*, form::*, metadata::*, sync::*};
use crate::{
    exit::CODES,
    login::{Asked, Given},
};

/// One client for research-data services.
#[derive(Debug, Parser)]
#[command(name = "whimbrel", version, about, after_long_help = CODES, disable_help_subcommand = true)]
pub(crate) struct Args {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// What holds for every command.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Options for all commands")]
pub(crate) struct Global {
    /// The service's base URL [environment: COSCINE_URL, DSERVER_URL or DATASIFT_URL]
    #[arg(long, global = true, value_name = "URL")]
    pub url: Option<String>,
    /// Read the token from this file, which only you may read [environment: COSCINE_API_TOKEN, DSERVER_TOKEN or
    /// DATASIFT_API_KEY]
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "token_stdin")]
    pub token_file: Option<PathBuf>,
    /// Read the token from the standard input
    #[arg(long, global = true)]
    pub token_stdin: bool,
    /// What the two before name, once it is read
    #[arg(skip)]
    pub given: Option<Given>,
    /// How to print
    #[arg(short, long, global = true, value_parser = Form::data(), default_value_t = Form::Data(Format::Table))]
    pub output: Form,
    /// Where to keep answers that stay true for a while
    #[arg(long, global = true, value_enum, env = "WHIMBREL_CACHE", default_value_t = Cache::Disk)]
    pub cache: Cache,
    /// Ask the server even where the cache has an answer
    #[arg(long, global = true)]
    pub refresh: bool,
    /// The longest that one call may take; the moving of files does not count
    #[arg(long, global = true, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    pub deadline: Option<u64>,
    /// Only print results and errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Say what is done; twice: how; three times: everything. Never a secret
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
}

impl Global {
    /// What it says of server and token.
    pub(crate) fn asked(&self) -> Asked {
        Asked { url: self.url.clone(), token: self.given.clone(), ..Asked::default() }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Cache {
    /// On disk, between runs
    Disk,
    /// Only while this runs
    Memory,
    /// Not at all
    Off,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show it all on this machine: a folder into an embedded Coscine and back, then again under faults
    Demo(Demo),
    /// Serve Coscine, dserver, DataSift and Cocaine on this machine, to try things out
    Sandbox(Sandbox),
    /// All that Coscine has: projects, resources, people, quotas, vocabularies...
    #[command(subcommand)]
    Coscine(coscine::Coscine),
    /// Say in short whose token this is
    Whoami,
    /// List projects, resources or files
    Ls(Ls),
    /// Copy files and folders to and from Coscine, datasets to and from a dserver
    #[command(after_help = CP_EXAMPLES, override_usage = "whimbrel cp [OPTIONS] <SOURCE>... <TARGET>")]
    Cp(Cp),
    /// Bring a folder and a resource into step: only what is new or differs moves
    #[command(after_help = SYNC_EXAMPLES, override_usage = "whimbrel sync [OPTIONS] <SOURCE> <TARGET>\n       whimbrel sync --apply <FILE>")]
    Sync(Sync),
    /// List in what a folder and a resource differ; exits with 1 if they do
    Diff(Compare),
    /// Check that all of a source is at the target, whole, or that a dataset is; exits with 8 if it is not
    #[command(after_help = VERIFY_EXAMPLES)]
    Verify(Verify),
    /// Delete files in Coscine
    Rm(Rm),
    /// What is known of files: look, change, check, export
    #[command(subcommand, after_help = METADATA_EXAMPLES)]
    Metadata(Metadata),
    /// Application profiles: what metadata have to say
    #[command(subcommand, visible_alias = "profiles")]
    Profile(Profile),
    /// Take data out, in a form that other software reads
    #[command(subcommand)]
    Export(Export),
    /// Count the bytes and files of a project, a resource or a folder
    Du(Du),
    /// Open the web page of a project or a resource
    Open(Open),
    /// Datasets of a dserver: search, readmes, items, where they come from
    #[command(subcommand)]
    Dserver(dserver::Dserver),
    /// Filters over social data: check, compile, live streams, the archive, subscriptions
    Datasift(datasift::Datasift),
    /// Services and apps of a Cocaine cloud: where they are, calls, streams, storage
    Cocaine(cocaine::Cocaine),
    /// Tokens: store one, say whose there are, forget one
    #[command(subcommand)]
    Auth(Auth),
    /// Find out what is wrong: configuration, network, clock, token, versions; shows no secret
    Doctor {
        /// Of this service only; by default of all that are configured
        service: Option<Service>,
    },
    /// Call any operation of a service by its id
    #[command(after_help = API_EXAMPLES)]
    Api(Api),
    /// What is kept between runs
    #[command(subcommand)]
    Cache(CacheCommand),
    /// Print the completions of a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

const CP_EXAMPLES: &str = "\
An address is coscine://project/resource/path; nothing in it is percent-decoded.
A dataset of dserver is dserver://host/uuid, or its URI as dserver://host/s3/bucket/uuid. It becomes a folder of its own
name that dtool reads, each item checked against its manifest; a run that was cut short is gone on with by the same
command. A dataset's folder is sent to dserver://host/s3/bucket, where the server signs URLs for that.
A target that ends with a slash, is a whole resource, or is a folder on this machine takes the source under its own
name; any other target becomes the source's name. Nothing is overwritten unless you say so.

Examples:
  whimbrel cp a.csv coscine://Demo/Files/2026/            to 2026/a.csv
  whimbrel cp -r run-42 coscine://Demo/Files/             to run-42/...
  whimbrel cp -r run-42 coscine://Demo/Files/run-43       to run-43/...
  whimbrel cp -r coscine://Demo/Files/run-42 .            to ./run-42/...
  whimbrel cp dserver://lookup.example.org/af6727bf-29c7-43dd-b42f-a5d7ede28337 here    to here/<name>/
  whimbrel cp here/my-dataset dserver://lookup.example.org/s3/bucket
  whimbrel cp a.csv coscine://Demo/Measurements/ -m Title=A -m Creator=Me -m 'Creation Date=2026-11-21' -m State=raw";

const API_EXAMPLES: &str = "\
Examples:
  whimbrel api coscine                                    every operation
  whimbrel api coscine GetProjects -F PageSize=50 --paginate
  whimbrel api coscine CreateApiToken -F name=script -F expiresInDays=30
  whimbrel api dserver search_datasets -F free_text=steel --paginate
  whimbrel api datasift list_push -F per_page=50";

#[derive(Debug, clap::Args)]
pub(crate) struct Demo {
    /// The folder to send; by default one of 60 files is made
    pub folder: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Sandbox {
    /// The port of Coscine; any free one by default
    #[arg(long, default_value_t = 0)]
    pub port: u16,
    /// What Coscine holds at the start
    #[arg(long, value_enum, default_value_t = Seed::Demo)]
    pub seed: Seed,
    /// A plan of what goes wrong, in JSON
    #[arg(long, value_name = "FILE")]
    pub faults: Option<PathBuf>,
    /// Let unknown query parameters pass, as Coscine does; other people's clients send some
    #[arg(long)]
    pub lenient: bool,
    /// Added to each answer
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 0)]
    pub latency: u64,
    /// Requests that a token of Coscine has in any 60 seconds; 0 for no limit
    #[arg(long, value_name = "N", default_value_t = 500)]
    pub requests_per_minute: usize,
    /// The port of dserver; any free one by default
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub dserver_port: u16,
    /// The port of Cocaine's locator; any free one by default
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub cocaine_port: u16,
    /// The port of DataSift; any free one by default
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub datasift_port: u16,
    /// How often DataSift makes an interaction up for each stream that somebody listens to; 0 for never
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 200)]
    pub interactions_every: u64,
    /// Which dserver it is
    #[arg(long, value_enum, value_name = "RELEASE", default_value_t = DserverRelease::Released)]
    pub dserver_release: DserverRelease,
    /// How many datasets dserver knows at the start
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub datasets: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DserverRelease {
    /// What is released: one searches, reads and registers
    #[value(name = "0.22")]
    Released,
    /// What is to come: one writes readmes, tags and annotations, too, and content goes by signed URLs
    Next,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Seed {
    /// A project `Demo` with the resources `Files`, `Measurements` and `Bucket`, and many more
    Demo,
}

#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Limit {
    /// No more than so many
    #[arg(short = 'L', long, value_name = "N")]
    pub limit: Option<usize>,
}

impl Limit {
    /// All there is.
    pub(crate) const NONE: Self = Self { limit: None };
}

#[derive(Debug, clap::Args)]
pub(crate) struct Ls {
    /// coscine://project/resource/folder, or less; without it your projects
    pub address: Option<String>,
    /// Files at any depth
    #[arg(short, long)]
    pub recursive: bool,
    #[command(flatten)]
    pub limit: Limit,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Cp {
    /// What to copy, and last where to
    #[arg(required = true, num_args = 2.., value_names = ["SOURCE", "TARGET"])]
    pub paths: Vec<String>,
    /// Folders with all that is in them
    #[arg(short, long)]
    pub recursive: bool,
    /// Overwrite what is there; in Coscine the old version keeps its quota for 7 days
    #[arg(long, conflicts_with = "skip_existing")]
    pub overwrite: bool,
    /// Leave what is there as it is
    #[arg(long)]
    pub skip_existing: bool,
    /// Files on their way at once
    #[arg(short, long, default_value_t = whimbrel::transfer::JOBS, value_parser = jobs)]
    pub jobs: usize,
    /// Metadata to go with each file: a field of the resource's profile, by label or IRI, and a value; may be repeated
    #[arg(short, long, value_name = "FIELD=VALUE", value_parser = pair)]
    pub metadata: Vec<(String, String)>,
    /// Metadata to go with each file: RDF in Turtle
    #[arg(long, value_name = "FILE", conflicts_with = "metadata")]
    pub rdf: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Du {
    /// coscine://project/resource/folder, or less
    pub address: String,
    /// Tell apart the folders down to this depth: 0 for the sum alone
    #[arg(short, long, value_name = "N", default_value_t = 1)]
    pub depth: usize,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Open {
    /// coscine://project or coscine://project/resource
    pub address: String,
    /// Only print the page's URL
    #[arg(long)]
    pub print: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Export {
    /// An RO-Crate: the files of a resource or a project, and one that tells what they are
    RoCrate(RoCrate),
}

#[derive(Debug, clap::Args)]
pub(crate) struct RoCrate {
    /// coscine://project/resource, or a whole project
    pub source: String,
    /// The folder that becomes the crate; new or empty
    pub out: PathBuf,
    /// The version of RO-Crate's specification
    #[arg(long = "version", value_enum, default_value_t = Specification::V1_2)]
    pub specification: Specification,
    /// Fetch no files; the crate names them by their URLs
    #[arg(long)]
    pub metadata_only: bool,
    /// Use the folder though something is in it; what is the same is not fetched again
    #[arg(long)]
    pub overwrite: bool,
    /// Files on their way at once
    #[arg(short, long, default_value_t = whimbrel::transfer::JOBS, value_parser = jobs)]
    pub jobs: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Specification {
    /// Of 2020
    #[value(name = "1.1")]
    V1_1,
    /// Of 2025
    #[value(name = "1.2")]
    V1_2,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Service {
    Coscine,
    Dserver,
}

/// A service that is described by a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Described {
    Coscine,
    Datasift,
    Dserver,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Api {
    /// The service
    pub service: Described,
    /// The operation's id; without it all are listed
    pub operation: Option<String>,
    /// A parameter, or a field of the JSON body; may be repeated
    #[arg(short = 'F', long = "field", value_name = "NAME=VALUE", value_parser = pair)]
    pub fields: Vec<(String, String)>,
    /// Send this file as the body; `-` for the standard input
    #[arg(long, value_name = "FILE")]
    pub input: Option<PathBuf>,
    /// All pages of a list
    #[arg(long)]
    pub paginate: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CacheCommand {
    /// How much is kept, and where
    Stats,
    /// Forget everything
    Clear,
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write NAME=VALUE".to_owned()),
    }
}

fn jobs(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|jobs| (1..=64).contains(jobs)).ok_or_else(|| "a number from 1 to 64".to_owned())
}

/// What does what can't be undone.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Sure {
    /// Do not ask whether you are sure
    #[arg(short, long)]
    pub yes: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
    }

    /// A secret among the arguments is in the shell's history and in the list of processes.
    #[test]
    fn no_argument_takes_a_secret() {
        fn check(command: &clap::Command) {
            for argument in command.get_arguments() {
                let id = argument.get_id().as_str();
                let is_secret = ["token", "secret", "password"].contains(&id) && argument.get_action().takes_values();
                assert!(!is_secret || NAMES_A_TOKEN.contains(&command.get_name()), "{} {id}", command.get_name());
            }
            command.get_subcommands().for_each(check);
        }
        // By the name that the user gave it.
        const NAMES_A_TOKEN: [&str; 2] = ["show", "revoke"];
        check(&Args::command());
    }
}
