use super::Session;
use crate::{args::coscine::Profile, exit::Done, output::Column, session};

const PROFILE: [Column; 3] = [("name", "/displayName"), ("iri", "/uri"), ("description", "/description")];

pub(super) async fn run(at: Session<'_>, command: Profile) -> Done {
    let client = &at.client;
    match command {
        Profile::List { text, modules, language, limit } => {
            let mut profiles = client.application_profiles().language(language.language);
            if let Some(text) = text {
                profiles = profiles.matching(text);
            }
            if modules {
                profiles = profiles.modules(true);
            }
            at.output.list(profiles, &PROFILE, limit).await
        }
        Profile::Show { profile, rdf: Some(rdf), .. } => {
            let document = client.application_profile_document(&profile, rdf.into()).await?;
            at.output.document(&document)
        }
        Profile::Show { profile, rdf: None, language } => {
            let mut known =
                client.application_profile(&profile, whimbrel::coscine::Rdf::default(), &language.language).await?;
            known.definition = None;
            at.output.thing(known)
        }
        Profile::Request { iri, file, name, rdf } => {
            let document = session::text(&file).await?;
            let work = client.request_application_profile(&name, &iri, document, rdf.into());
            at.told(work, "handed in; people review it now").await
        }
    }
}
