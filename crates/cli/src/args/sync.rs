//! `sync`, `diff`, `verify`, `rm`.

use std::path::PathBuf;

use super::jobs;

pub(crate) const SYNC_EXAMPLES: &str = "\
One of the two is a folder on this machine, the other coscine://project/resource or a folder in it; the content of the
one goes into the other. A file is sent if it is new, has another size, or was changed since it was last sent: then its
content is hashed, as an overwritten file keeps its quota in Coscine for 7 days.

Examples:
  whimbrel sync run-42 coscine://Demo/Measurements/run-42 --metadata run-42.csv --dry-run
  whimbrel sync run-42 coscine://Demo/Measurements/run-42 --exclude '*.tmp' --delete
  whimbrel sync run-42 coscine://Demo/Measurements/run-42 --plan plan.json, later: whimbrel sync --apply plan.json
  whimbrel sync coscine://Demo/Files/ here";

#[derive(Debug, clap::Args)]
pub(crate) struct Sync {
    /// A folder here and coscine://project/resource/folder, or the other way round
    #[arg(num_args = 2, required_unless_present = "apply", value_names = ["SOURCE", "TARGET"])]
    pub sides: Vec<String>,
    #[command(flatten)]
    pub select: Select,
    /// Delete at the target what the source does not have
    #[arg(long)]
    pub delete: bool,
    /// Metadata to go with the files: a table (.csv, .yaml, .json, .ttl) of rows by path or glob, defaults first
    #[arg(long, value_name = "TABLE")]
    pub metadata: Option<PathBuf>,
    /// Only say what would be done, and what it costs
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    /// Write what would be done to this file, and do nothing
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    pub plan: Option<PathBuf>,
    /// Do what such a file says, and nothing else
    #[arg(long, value_name = "FILE", conflicts_with_all = ["sides", "plan", "dry_run", "delete", "metadata", "checksum", "include", "exclude"])]
    pub apply: Option<PathBuf>,
    /// Files on their way at once
    #[arg(short, long, default_value_t = whimbrel::transfer::JOBS, value_parser = jobs)]
    pub jobs: usize,
    /// Write the paths of files that failed to this file, one a line
    #[arg(long, value_name = "FILE")]
    pub failed_to: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Select {
    /// Hash the content of all files, and do not go by size and time where a hash is known
    #[arg(long)]
    pub checksum: bool,
    /// Only files that match; with --exclude: exceptions from it. A pattern as in .gitignore; may be repeated
    #[arg(long, value_name = "PATTERN")]
    pub include: Vec<String>,
    /// Leave out files that match: neither moved nor deleted. A pattern as in .gitignore; may be repeated
    #[arg(long, value_name = "PATTERN")]
    pub exclude: Vec<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Compare {
    /// A folder here, or coscine://project/resource/folder
    pub source: String,
    /// The other
    pub target: String,
    #[command(flatten)]
    pub select: Select,
}

pub(crate) const VERIFY_EXAMPLES: &str = "\
A dataset's folder alone is compared with its own manifest, item by item and by hash; with dserver://host/uuid, with what
the server knows of it. Exit code 8 says that something is missing, different or unknown.

Examples:
  whimbrel verify run-42 coscine://Demo/Measurements/run-42
  whimbrel verify here/my-dataset
  whimbrel verify dserver://lookup.example.org/af6727bf-29c7-43dd-b42f-a5d7ede28337 here/my-dataset";

#[derive(Debug, clap::Args)]
pub(crate) struct Verify {
    /// A folder here, coscine://project/resource/folder, or dserver://host/uuid
    pub source: String,
    /// The other; without it, the folder of a dataset is compared with its own manifest
    pub target: Option<String>,
    #[command(flatten)]
    pub select: Select,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Rm {
    /// Files, or folders with -r: coscine://project/resource/path
    #[arg(required = true)]
    pub addresses: Vec<String>,
    /// Folders with all that is in them
    #[arg(short, long)]
    pub recursive: bool,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
    /// Only say what would be deleted
    #[arg(short = 'n', long)]
    pub dry_run: bool,
}
