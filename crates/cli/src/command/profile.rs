//! `whimbrel profile`: what metadata have to say.

use std::{fs, path::Path};

use futures::TryStreamExt as _;
use serde_json::{Value, json};
use shapes::{
    Filling, Loader, Profile, Record, Table,
    rdf::{self, Syntax},
};
use whimbrel::{
    Error, Paged as _,
    coscine::{Address, Client},
    shapes,
};

use super::sync::place;
use crate::{
    args::{self, Global, Limit},
    exit::Done,
    output::{Column, Output},
    session,
};

const PROFILE: [Column; 2] = [("name", "/displayName"), ("iri", "/uri")];

const FIELD: [Column; 4] = [("field", "/label"), ("label", "/labels/de"), ("rules", "/rules"), ("iri", "/path")];

pub(crate) async fn run(global: &Global, command: args::Profile) -> Done {
    let output = Output::new(global);
    match command {
        args::Profile::List(limit) => {
            let client = session::coscine(global)?;
            output.list(client.application_profiles(), &PROFILE, limit).await
        }
        args::Profile::Show { profile } => {
            let profile = find(global, &profile).await?;
            output.all(fields(profile.fields(), ""), &FIELD, Limit { limit: None }).await
        }
        args::Profile::Template { profile, language } => {
            output.document(&Table::template(&find(global, &profile).await?, &language))
        }
        args::Profile::Check { profile } => {
            let profile = find(global, &profile).await?;
            let left = profile.fill(&Record::new(), &Filling::default()).report.left;
            let mut lines: Vec<String> = left.iter().map(ToString::to_string).collect();
            lines.push(String::new());
            output.document(&lines.join("\n"))?;
            if !global.quiet {
                let (n, left) = (profile.fields().len(), left.len());
                eprintln!("whimbrel: {n} fields, {left} rules left to the server");
            }
            Ok(())
        }
    }
}

fn fields(all: &[shapes::Field], outer: &str) -> Vec<Value> {
    let mut rows = vec![];
    for field in all {
        let label = format!("{outer}{}", field.label());
        rows.push(json!({
            "label": label, "labels": field.labels, "descriptions": field.descriptions, "path": field.path,
            "rules": field.rules(), "required": field.is_required(), "minCount": field.min_count,
            "maxCount": field.max_count, "minLength": field.min_length, "maxLength": field.max_length,
            "datatype": field.datatype, "class": field.class, "inheritedFrom": field.inherited_from,
            "in": field.choices.iter().map(ToString::to_string).collect::<Vec<_>>(),
        }));
        if let Some(nested) = &field.nested {
            rows.extend(fields(&nested.fields, &format!("{label} > ")));
        }
    }
    rows
}

/// The profile that a user names: by a resource, a file, an IRI, or its name.
pub(crate) async fn find(global: &Global, name: &str) -> Done<Profile> {
    if name.starts_with(Address::SCHEME) {
        let (resource, _) = place(&session::coscine(global)?, name).await?;
        return Ok(resource.profile().await?);
    }
    if Path::new(name).is_file() {
        return of_file(global, name).await;
    }
    let client = session::coscine(global)?;
    if name.contains("://") {
        return Ok(client.profile(name).await?);
    }
    let all: Vec<_> = client.application_profiles().stream().try_collect().await?;
    let called = |it: &&whimbrel::coscine::types::ApplicationProfileDto| {
        it.display_name.as_deref().is_some_and(|label| label.to_lowercase() == name.to_lowercase())
    };
    match all.iter().find(called) {
        Some(found) => Ok(client.profile(&found.uri).await?),
        None => {
            let message = "there is no such profile; whimbrel profile list shows all";
            Err(Error::not_found(message).about(format!("profile {name:?}")).into())
        }
    }
}

/// A profile in a file. What it builds on may stand there too; else the server is asked, if there is one to ask.
async fn of_file(global: &Global, path: &str) -> Done<Profile> {
    let content = fs::read(path).map_err(|e| Error::io(Path::new(path), e))?;
    let graph = rdf::read(&content, Syntax::of_file(path), None, path).map_err(Error::from)?;
    let iri = rdf::profile_of(&graph).map_err(|why| Error::invalid(why).about(path))?;
    let mut loader = Loader::new(&iri);
    let mut client: Option<Client> = None;
    while let Some(wanted) = loader.wanted() {
        if wanted == iri {
            loader.give(&wanted, Some(&graph));
            continue;
        }
        if client.is_none() {
            client = session::coscine(global).ok();
        }
        let document = match &client {
            Some(client) => client.profile_document(&wanted).await?,
            None => None,
        };
        loader.give(&wanted, document.as_ref());
    }
    Ok(loader.compile().map_err(Error::from)?)
}
