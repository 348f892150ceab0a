//! `whimbrel cocaine`: what it asks for.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::Sure;

#[derive(Debug, Args)]
pub(crate) struct Cocaine {
    /// Where locators are, with commas; by default localhost:10053
    #[arg(long, global = true, value_name = "HOST:PORT", env = "COCAINE_LOCATOR")]
    pub locator: Option<String>,
    /// Which runtime it is
    #[arg(long, global = true, value_enum, default_value_t = Runtime::Newer)]
    pub runtime: Runtime,
    #[command(subcommand)]
    pub command: CocaineCommand,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Runtime {
    /// Whose services say themselves which methods they have
    #[value(name = "0.12")]
    Newer,
    /// 0.11, whose protocol is another
    #[value(name = "0.11")]
    Older,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CocaineCommand {
    /// Where a service is
    Locate {
        /// Its name
        service: String,
    },
    /// The methods of a service, and what may be sent and comes back
    Info {
        /// Its name
        service: String,
    },
    /// Call a method, and print what it answers
    #[command(after_help = ARGUMENTS)]
    Call(Called),
    /// Call a method, send it chunks, and print all that it answers, as it comes
    #[command(after_help = STREAM_EXAMPLES)]
    Stream {
        #[command(flatten)]
        called: Called,
        /// Send this chunk, and more of them; then the end
        #[arg(long, value_name = "CHUNK")]
        send: Vec<String>,
        /// Send each line of the standard input, without its end
        #[arg(long, conflicts_with = "send")]
        stdin: bool,
    },
    /// Content by namespace and key
    #[command(subcommand)]
    Storage(StorageCommand),
    /// The apps of a machine
    #[command(subcommand)]
    Apps(AppsCommand),
}

#[derive(Debug, Args)]
pub(crate) struct Called {
    /// The service
    pub service: String,
    /// The method
    pub method: String,
    /// Its arguments: JSON, or any other text as it is; @FILE for what is in a file
    pub arguments: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum StorageCommand {
    /// Print the content of a key, as it is
    Read {
        /// The namespace
        namespace: String,
        /// The key
        key: String,
    },
    /// Keep the content of a file, in place of what is there
    Write {
        /// The namespace
        namespace: String,
        /// The key
        key: String,
        /// The file; - for the standard input
        file: PathBuf,
        /// What it is found by
        #[arg(long, value_name = "TAG")]
        tag: Vec<String>,
    },
    /// Remove a key; one that is not there is no error
    Rm {
        /// The namespace
        namespace: String,
        /// The key
        key: String,
        #[command(flatten)]
        sure: Sure,
    },
    /// The keys that have all of these tags
    Find {
        /// The namespace
        namespace: String,
        /// A tag, or several
        #[arg(required = true)]
        tags: Vec<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum AppsCommand {
    /// The apps that run
    List,
    /// How an app is
    Info {
        /// Its name
        app: String,
    },
    /// Start an app
    Start {
        /// Its name
        app: String,
        /// By which profile
        #[arg(long, default_value = "default")]
        profile: String,
    },
    /// Stop an app
    Pause {
        /// Its name
        app: String,
    },
}

const ARGUMENTS: &str = "\
A text that would be JSON is given in quotes of its own: '\"42\"'. What is no text comes back as {\"base64\": ...}.
A method that waits for chunks, as an app's enqueue does, is called by `whimbrel cocaine stream`.

Examples:
  whimbrel cocaine call storage find runs '[\"steel\"]'
  whimbrel cocaine call logging emit 1 app/x hello
  whimbrel cocaine call cache put key @picture.png";

const STREAM_EXAMPLES: &str = "\
Examples:
  whimbrel cocaine stream demo enqueue upper --send steel
  tail -f log | whimbrel cocaine stream demo enqueue upper --stdin -o jsonl";
