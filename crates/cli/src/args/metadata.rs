//! `metadata` and `profile`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use super::{Limit, pair};

pub(crate) const METADATA_EXAMPLES: &str = "\
A table holds a row a file: the column `path` names the file or a glob, each other column a field of the profile by its
label. `whimbrel profile template` writes an empty one.

Examples:
  whimbrel profile template coscine://Demo/Measurements > run-42.csv
  whimbrel metadata check run-42 --profile coscine://Demo/Measurements --metadata run-42.csv --html report.html
  whimbrel metadata set coscine://Demo/Measurements/run-42/a.csv State=clean
  whimbrel metadata export coscine://Demo/Measurements/run-42 --form yaml";

#[derive(Debug, Subcommand)]
pub(crate) enum Metadata {
    /// Show what is known of a file
    Get {
        /// coscine://project/resource/path
        address: String,
        /// In this version, and not the newest
        #[arg(long, value_name = "N")]
        version: Option<u64>,
        /// As RDF in Turtle
        #[arg(long)]
        rdf: bool,
    },
    /// The versions of what is known of a file
    Versions {
        /// coscine://project/resource/path
        address: String,
    },
    /// Where what is known of a file comes from
    Provenance {
        /// coscine://project/resource/path
        address: String,
        /// Of this version, and not the newest
        #[arg(long, value_name = "N")]
        version: Option<u64>,
    },
    /// One level of what there is: data, metadata, or both
    Tree {
        /// coscine://project/resource/folder
        address: String,
        #[command(flatten)]
        limit: Limit,
    },
    /// Change fields of a file; those that are not given stay
    Set {
        /// coscine://project/resource/path
        address: String,
        /// Fields by label, and their values; may be repeated
        #[arg(required = true, value_name = "FIELD=VALUE", value_parser = pair)]
        fields: Vec<(String, String)>,
    },
    /// Check a folder's table before anything is sent: which file lacks which required field
    Check(Check),
    /// Write the metadata of all files below an address as a table
    Export {
        /// coscine://project/resource/folder
        address: String,
        /// How to write it
        #[arg(long, value_enum, default_value_t = TableForm::Csv)]
        form: TableForm,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// The folder with the files
    pub folder: PathBuf,
    /// The profile: its IRI or name, a file of RDF, or the resource whose it is (coscine://project/resource)
    #[arg(long)]
    pub profile: String,
    /// The table (.csv, .yaml, .json, .ttl)
    #[arg(long, value_name = "TABLE")]
    pub metadata: PathBuf,
    /// Write the result to this file too, as a page for a browser that needs nothing else
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Only files that match a pattern as in .gitignore; may be repeated
    #[arg(long, value_name = "PATTERN")]
    pub include: Vec<String>,
    /// Leave out files that match; may be repeated
    #[arg(long, value_name = "PATTERN")]
    pub exclude: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TableForm {
    Csv,
    Yaml,
    Json,
    /// RDF
    Turtle,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Profile {
    /// The profiles that there are
    #[command(visible_alias = "ls")]
    List(Limit),
    /// The fields of one, and their rules
    Show {
        /// Its IRI or name, a file of RDF, or the resource whose it is (coscine://project/resource)
        profile: String,
    },
    /// Write an empty table: a column a field, its rules in a line of comment
    Template {
        /// Its IRI or name, a file of RDF, or the resource whose it is (coscine://project/resource)
        profile: String,
        /// The language of the labels
        #[arg(long, default_value = "en")]
        language: String,
    },
    /// Say whether a profile is sound, and which of its rules are left to the server
    Check {
        /// Its IRI or name, a file of RDF, or the resource whose it is (coscine://project/resource)
        profile: String,
    },
}
