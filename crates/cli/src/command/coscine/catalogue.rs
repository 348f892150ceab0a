use whimbrel::coscine::{List, Listed};

use super::Session;
use crate::{
    args::coscine::{Catalogue, Choice},
    exit::Done,
    output::Column,
    shown::Shown,
};

const NAMED: [Column; 2] = [("name", "/displayName"), ("id", "/id")];
const DISCIPLINE: [Column; 3] = [("name", "/displayNameEn"), ("german", "/displayNameDe"), ("uri", "/uri")];
const LANGUAGE: [Column; 3] = [("name", "/displayName"), ("short", "/abbreviation"), ("id", "/id")];
const LICENSE: [Column; 3] = [("name", "/displayName"), ("url", "/url"), ("id", "/id")];
const ROLE: [Column; 3] = [("name", "/displayName"), ("description", "/description"), ("id", "/id")];
const ORGANIZATION: [Column; 3] = [("name", "/displayName"), ("ror", "/uri"), ("email", "/email")];

pub(super) async fn run(at: Session<'_>, command: Catalogue) -> Done {
    let client = at.client.clone();
    match command {
        Catalogue::Disciplines(choice) => choose(at, client.disciplines(), &DISCIPLINE, choice).await,
        Catalogue::Languages(choice) => choose(at, client.languages(), &LANGUAGE, choice).await,
        Catalogue::Licenses(choice) => choose(at, client.licenses(), &LICENSE, choice).await,
        Catalogue::Roles(choice) => choose(at, client.roles(), &ROLE, choice).await,
        Catalogue::Titles(choice) => choose(at, client.titles(), &NAMED, choice).await,
        Catalogue::Visibilities(choice) => choose(at, client.visibilities(), &NAMED, choice).await,
        Catalogue::Organizations { text: Some(ror), .. } if ror.starts_with("https://ror.org/") => {
            at.output.thing(client.organization(&ror).await?)
        }
        Catalogue::Organizations { text, advising, language, limit } => {
            let mut organizations = client.organizations().language(language.language);
            if let Some(text) = text {
                organizations = organizations.matching(text);
            }
            if advising {
                organizations = organizations.advising();
            }
            at.output.list(organizations, &ORGANIZATION, limit).await
        }
    }
}

/// All, or the one that is named.
async fn choose<T: Listed + Shown>(at: Session<'_>, list: List<T>, columns: &[Column], choice: Choice) -> Done {
    match choice.name {
        Some(name) => at.output.thing(list.find(&name).await?),
        None => at.output.list(list, columns, choice.limit).await,
    }
}
