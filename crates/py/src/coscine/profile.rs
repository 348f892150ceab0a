//! Application profiles and vocabularies.

use pyo3::prelude::*;
use whimbrel::coscine::Rdf;

use super::{Coscine, project::say};
use crate::{call::Call, list::List};

/// `turtle` or `json-ld`.
pub(super) fn syntax(name: &str) -> whimbrel::Result<Rdf> {
    match name {
        "turtle" => Ok(Rdf::Turtle),
        "json-ld" => Ok(Rdf::JsonLd),
        other => Err(whimbrel::Error::invalid(format!("there is no format {other:?}: say turtle or json-ld"))),
    }
}

/// What a list is narrowed down by.
#[derive(Clone)]
struct Wanted {
    matching: Option<String>,
    language: Option<String>,
}

/// The same of application profiles.
#[derive(Clone)]
struct Profiles {
    matching: Option<String>,
    language: Option<String>,
    modules: Option<bool>,
}

#[pymethods]
impl Coscine {
    fn application_profiles(&self, matching: Option<String>, language: Option<String>, modules: Option<bool>) -> List {
        let wanted = Profiles { matching, language, modules };
        self.list(
            move |client| Ok(say!(client.application_profiles(), wanted.clone(); matching language modules)),
            |profile| profile,
        )
    }

    fn application_profile(&self, uri: String, format: String, language: String) -> PyResult<Call> {
        self.call(|client| async move { client.application_profile(&uri, syntax(&format)?, &language).await })
    }

    fn application_profile_document(&self, uri: String, format: String) -> PyResult<Call> {
        self.call(|client| async move { client.application_profile_document(&uri, syntax(&format)?).await })
    }

    fn request_application_profile(&self, name: String, uri: String, rdf: String, format: String) -> PyResult<Call> {
        self.call(|client| async move { client.request_application_profile(&name, &uri, rdf, syntax(&format)?).await })
    }

    fn vocabularies(&self, matching: Option<String>, language: Option<String>) -> List {
        let wanted = Wanted { matching, language };
        self.list(move |client| Ok(say!(client.vocabularies(), wanted.clone(); matching language)), |it| it)
    }

    fn vocabulary(&self, class: String, matching: Option<String>, language: Option<String>) -> List {
        let wanted = Wanted { matching, language };
        self.list(move |client| Ok(say!(client.vocabulary(&class), wanted.clone(); matching language)), |it| it)
    }

    fn term(&self, iri: String, language: String) -> PyResult<Call> {
        self.call(|client| async move { client.term(&iri, &language).await })
    }

    fn vocabulary_document(&self, graph: String, format: String) -> PyResult<Call> {
        self.call(|client| async move { client.vocabulary_document(&graph, syntax(&format)?).await })
    }
}
