//! `whimbrel datasift`: what it asks for.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{Limit, Sure};

#[derive(Debug, Args)]
pub(crate) struct Datasift {
    /// The user; the API key is what DATASIFT_API_KEY, --token-file or --token-stdin give
    #[arg(long, global = true, value_name = "NAME", env = "DATASIFT_USER")]
    pub user: Option<String>,
    #[command(subcommand)]
    pub command: DatasiftCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DatasiftCommand {
    /// Check a filter definition; exits with 6 if it is wrong, and says where
    Validate(Definition),
    /// Compile a filter definition, and print its hash and price
    Compile(Definition),
    /// What a compiled definition costs an hour
    Dpu {
        /// Its hash
        hash: String,
    },
    /// What live streams have used
    Usage {
        /// In the last hour or day
        #[arg(long, value_enum, default_value_t = Period::Hour)]
        period: Period,
    },
    /// What the account has left, and the credits of this hour
    Balance,
    /// Print what filters find, as it is published
    #[command(after_help = STREAM)]
    Stream {
        /// The hashes of compiled definitions
        #[arg(required = true)]
        hashes: Vec<String>,
        /// In lines over HTTP, where no WebSocket comes through
        #[arg(long)]
        http: bool,
        #[command(flatten)]
        limit: Limit,
    },
    /// Print what a subscription of the type pull has queued
    Pull {
        /// The subscription's id
        id: String,
        /// Begin here, and not where the last one ended
        #[arg(long)]
        cursor: Option<String>,
        /// Go on for as long as something comes
        #[arg(short, long)]
        follow: bool,
    },
    /// Send lines of JSON to a source of your own
    Ingest {
        /// The source's id
        source: String,
        /// The file; - for the standard input
        file: PathBuf,
    },
    /// Queries of the archive
    #[command(subcommand)]
    Historics(HistoricsCommand),
    /// Push subscriptions
    #[command(subcommand)]
    Push(PushCommand),
    /// Managed sources
    #[command(subcommand)]
    Sources(SourcesCommand),
    /// Identities of the account; their API keys are not shown
    Identities(Limit),
    /// Recordings of a network
    Pylon {
        /// The network, such as facebook
        service: String,
        #[command(flatten)]
        limit: Limit,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Definition {
    /// In CSDL; @FILE for what is in a file, @- for the standard input
    pub csdl: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Period {
    Hour,
    Day,
}

#[derive(Debug, Subcommand)]
pub(crate) enum HistoricsCommand {
    /// All of them
    List(Limit),
    /// One of them
    Show(One),
    /// Prepare one, and tell its id and what it will cost; it runs when it is started
    #[command(after_help = PREPARE)]
    Prepare {
        /// A name for people
        name: String,
        /// What it looks for: the hash of a compiled definition
        hash: String,
        /// From then: 2017-07-14 (UTC), or 2017-07-14T12:00:00Z
        #[arg(long, value_name = "TIME", value_parser = moment)]
        from: Timestamp,
        /// Until then
        #[arg(long, value_name = "TIME", value_parser = moment)]
        until: Timestamp,
        /// The source to look in, such as facebook, and more of them
        #[arg(long = "source", value_name = "SOURCE", required = true)]
        sources: Vec<String>,
        /// The part of the archive to look at, in percent; all of it by default
        #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(1..=100))]
        sample: Option<u8>,
    },
    /// Start one that is prepared, and that something takes delivery of
    Start(One),
    /// Have it wait
    Pause(One),
    /// Have it go on
    Resume(One),
    /// End it for good
    Stop(Gone),
    /// Forget it
    Rm(Gone),
}

#[derive(Debug, Subcommand)]
pub(crate) enum PushCommand {
    /// All of them, finished ones too
    List(Limit),
    /// One of them
    Show(One),
    /// Make one of the type pull, to a stream or to a query of the archive
    Create {
        /// A name for people
        name: String,
        /// The stream: the hash of a compiled definition
        #[arg(required_unless_present = "historics", conflicts_with = "historics")]
        hash: Option<String>,
        /// A query of the archive, by its id, in place of a stream
        #[arg(long, value_name = "ID")]
        historics: Option<String>,
    },
    /// Have it wait; what it would deliver is kept for an hour
    Pause(One),
    /// Have it go on
    Resume(One),
    /// End it for good
    Stop(Gone),
    /// Forget it
    Rm(Gone),
    /// What became of deliveries
    Log {
        /// Of this one alone
        id: Option<String>,
        #[command(flatten)]
        limit: Limit,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum SourcesCommand {
    /// All of them
    List(Limit),
    /// One of them
    Show(One),
    /// Have it read
    Start(One),
    /// Have it rest
    Stop(One),
    /// Forget it
    Rm(Gone),
    /// What became of its reading
    Log {
        #[command(flatten)]
        one: One,
        #[command(flatten)]
        limit: Limit,
    },
}

#[derive(Debug, Args)]
pub(crate) struct One {
    /// Its id
    pub id: String,
}

/// What is ended for good, or forgotten.
#[derive(Debug, Args)]
pub(crate) struct Gone {
    /// Its id
    pub id: String,
    #[command(flatten)]
    pub sure: Sure,
}

/// A moment, or the beginning of a day in UTC.
fn moment(text: &str) -> Result<Timestamp, String> {
    let told = match text.parse::<Date>() {
        Ok(day) if !text.contains([':', 'T', 't']) => day.to_zoned(TimeZone::UTC).map(|it| it.timestamp()),
        _ => text.parse(),
    };
    told.map_err(|_| {
        "it is a day, such as 2017-07-14, or a moment with its zone, such as 2017-07-14T12:00:00Z".to_owned()
    })
}

const PREPARE: &str = "\
Something has to take delivery of it before it is started:
  whimbrel datasift historics prepare week-28 88c22db0e7ed55ae56973062b1e0f353 --from 2017-07-10 --until 2017-07-17 \\
      --source facebook
  whimbrel datasift push create week-28 --historics ID
  whimbrel datasift historics start ID
  whimbrel datasift pull SUBSCRIPTION --follow -o jsonl >> found.jsonl";

const STREAM: &str = "\
A line is {\"hash\": ..., \"data\": ..., \"repeated\": ...}; `repeated` says that it came before the connection broke, too.
What its author has deleted comes as {\"hash\": ..., \"deleted\": ID}: the terms of the service ask to forget it.
A connection that breaks is made anew, and all streams with it; that is told on the standard error.

Examples:
  whimbrel datasift compile 'interaction.content contains \"tribology\"'
  whimbrel datasift stream 88c22db0e7ed55ae56973062b1e0f353 -o jsonl >> found.jsonl";
