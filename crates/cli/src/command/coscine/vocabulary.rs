use futures::TryStreamExt as _;
use whimbrel::{Error, Paged as _, coscine::types::VocabularyDto};

use super::Session;
use crate::{args::coscine::Vocabulary, exit::Done, output::Column};

const VOCABULARY: [Column; 3] = [("name", "/displayName"), ("class", "/classUri"), ("description", "/description")];
const TERM: [Column; 3] = [("name", "/displayName"), ("iri", "/instanceUri"), ("description", "/description")];

pub(super) async fn run(at: Session<'_>, command: Vocabulary) -> Done {
    let client = &at.client;
    match command {
        Vocabulary::List { text, language, limit } => {
            let mut vocabularies = client.vocabularies().language(language.language);
            if let Some(text) = text {
                vocabularies = vocabularies.matching(text);
            }
            at.output.list(vocabularies, &VOCABULARY, limit).await
        }
        Vocabulary::Show { vocabulary, rdf, language } => {
            let graph = find(&at, &vocabulary, &language.language).await?.graph_uri;
            let document = client.vocabulary_document(&graph, rdf.into()).await?;
            at.output.document(&document)
        }
        Vocabulary::Terms { vocabulary, text, language, limit } => {
            let class = find(&at, &vocabulary, &language.language).await?.class_uri;
            let mut terms = client.vocabulary(&class).language(language.language);
            if let Some(text) = text {
                terms = terms.matching(text);
            }
            at.output.list(terms, &TERM, limit).await
        }
        Vocabulary::Term { iri, language } => at.output.thing(client.term(&iri, &language.language).await?),
    }
}

/// The vocabulary of this name, class or graph.
async fn find(at: &Session<'_>, name: &str, language: &str) -> Done<VocabularyDto> {
    let mut all = std::pin::pin!(at.client.vocabularies().language(language).stream());
    while let Some(it) = all.try_next().await? {
        let called = it.display_name.as_ref().is_some_and(|known| known.to_lowercase() == name.to_lowercase());
        if called || it.class_uri == name || it.graph_uri == name {
            return Ok(it);
        }
    }
    Err(Error::not_found("there is no such vocabulary").about(format!("vocabulary {name:?}")).into())
}
