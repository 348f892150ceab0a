//! `whimbrel metadata`: what is known of files.

mod matrix;
mod page;

use std::fs;

use serde_json::{Value, json};
use shapes::{Format, Place, Record, rdf};
use whimbrel::{
    Error,
    coscine::{Form, Metadata, labelled},
    shapes,
    transfer::{self, Filter},
};

use super::{
    profile,
    sync::{name_below, place, read_table, say_unused_rows, told},
};
use crate::{
    args::{self, Check, Global, Limit, TableForm},
    exit::{Done, Failure},
    output::{Column, Output},
    session,
};

const VERSION: [Column; 3] = [("version", "/version"), ("made", "/generatedAtTime"), ("invalid", "/isInvalidated")];

const NODE: [Column; 4] =
    [("path", "/path"), ("data", "/hasData"), ("metadata", "/hasMetadata"), ("more", "/hasChildren")];

pub(crate) async fn run(global: &Global, command: args::Metadata) -> Done {
    match command {
        args::Metadata::Get { address, version, rdf } => get(global, &address, version, rdf).await,
        args::Metadata::Versions { address } => {
            let (resource, path) = place(&session::coscine(global)?, &address).await?;
            Output::new(global).list(resource.file(path).versions(), &VERSION, Limit::NONE).await
        }
        args::Metadata::Provenance { address, version } => {
            let (resource, path) = place(&session::coscine(global)?, &address).await?;
            Output::new(global).thing(json!(resource.file(path).provenance(version).await?))
        }
        args::Metadata::Tree { address, limit } => {
            let (resource, folder) = place(&session::coscine(global)?, &address).await?;
            Output::new(global).list(resource.nodes(&folder), &NODE, limit).await
        }
        args::Metadata::Set { address, fields } => {
            let (resource, path) = place(&session::coscine(global)?, &address).await?;
            if path.is_empty() {
                return Err(Failure::Usage(format!("{address}: name a file")));
            }
            told(resource.file(path).set_metadata(Metadata::Record(fields.into_iter().collect())).await)
        }
        args::Metadata::Check(it) => check(global, it).await,
        args::Metadata::Export { address, form } => export(global, &address, form).await,
    }
}

async fn get(global: &Global, address: &str, version: Option<u64>, as_rdf: bool) -> Done {
    let client = session::coscine(global)?;
    let (resource, path) = place(&client, address).await?;
    let graph = resource.file(&path).metadata(version).await?;
    let output = Output::new(global);
    if as_rdf {
        return output.document(&rdf::turtle(&graph));
    }
    let root = || Failure::Other("its metadata have no root; look with --rdf".to_owned());
    let record = resource.labels_of(&[&graph]).await?.record(&graph).ok_or_else(root)?;
    output.thing(Value::from(&record))
}

async fn export(global: &Global, address: &str, form: TableForm) -> Done {
    let (resource, folder) = place(&session::coscine(global)?, address).await?;
    let format = match form {
        TableForm::Csv => Format::Csv,
        TableForm::Yaml => Format::Yaml,
        TableForm::Json => Format::Json,
        TableForm::Turtle => Format::Turtle,
    };
    Output::new(global).document(&resource.described(&folder).await?.write(format))
}

async fn check(global: &Global, check: Check) -> Done {
    let table = read_table(&check.metadata)?;
    let mut filter = Filter::new(&check.exclude, &check.include)?;
    if let Some(below) = name_below(&check.metadata, &check.folder) {
        filter = filter.without(below);
    }
    let files = transfer::files(&check.folder, &filter)?;
    say_unused_rows(&table, &check.folder);
    let rows: Vec<(String, Record, Place)> = files
        .into_iter()
        .map(|file| {
            let nothing = || (Record::new(), Place { source: file.name.as_str().into(), line: None, file: None });
            let (record, place) = table.record(&file.name).unwrap_or_else(nothing);
            (file.name, record, place)
        })
        .collect();
    let records = || rows.iter().map(|(_, record, _)| record);
    let form = if check.profile.starts_with(whimbrel::coscine::Address::SCHEME) {
        place(&session::coscine(global)?, &check.profile).await?.0.form(records()).await?
    } else {
        let profile = profile::find(global, &check.profile).await?;
        let classes = labelled(&profile, records());
        let vocabularies = match classes.is_empty() {
            true => shapes::Vocabularies::default(),
            false => session::coscine(global)?.terms_of(classes).await?,
        };
        Form::new(profile, vocabularies)
    };
    let matrix = matrix::Matrix::new(&form, rows);
    matrix.show(global).await?;
    if let Some(file) = &check.html {
        fs::write(file, page::write(&matrix)).map_err(|e| Error::io(file, e))?;
    }
    matrix.result(global)
}
