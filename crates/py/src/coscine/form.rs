//! What a resource asks of its files' metadata.

use pyo3::prelude::*;
use serde_json::{Value, json};
use whimbrel::{
    coscine::{Client, Form},
    shapes::{self, Finding, Profile, Vocabularies},
};

use super::{Coscine, ResourceTold, told::Record};
use crate::call::Call;

/// A profile, its fields, and the values that the resource gives to each file.
fn told(profile: &Profile, fixed: Vec<String>) -> Value {
    let left = Form::new(profile.clone(), Vocabularies::default()).fill(&shapes::Record::new()).report.left;
    let left: Vec<_> = left.iter().map(ToString::to_string).collect();
    let fields: Vec<_> = profile.fields().iter().map(Value::from).collect();
    json!({
        "uri": profile.iri(), "labels": profile.labels(), "targetClass": profile.target_class().as_str(),
        "fields": fields, "fixed": fixed, "left": left,
    })
}

fn finding(it: Finding) -> Value {
    let place = it.place.as_ref().map(ToString::to_string);
    let text = it.to_string();
    json!({
        "field": it.field, "path": it.path, "value": it.value, "rule": it.rule, "message": it.message, "place": place,
        "text": text,
    })
}

/// The form of a profile alone, with the terms that a record names.
async fn of_profile(client: &Client, iri: &str, record: &shapes::Record) -> whimbrel::Result<Form> {
    let profile = client.profile(iri).await?;
    let vocabularies = client.terms_of(whimbrel::coscine::labelled(&profile, [record])).await?;
    Ok(Form::new(profile, vocabularies))
}

#[pymethods]
impl Coscine {
    fn form(&self, resource: ResourceTold) -> PyResult<Call> {
        self.of_resource(resource, |resource| async move {
            let fixed = resource.details().fixed_values.keys().cloned().collect();
            Ok(told(&resource.profile().await?, fixed))
        })
    }

    fn profile_form(&self, iri: String) -> PyResult<Call> {
        self.call(|client| async move { Ok(told(&client.profile(&iri).await?, vec![])) })
    }

    /// What is wrong with a record, as it would be sent.
    fn check(&self, resource: ResourceTold, record: Record) -> PyResult<Call> {
        self.of_resource(resource, |resource| async move {
            let form = resource.form([&record.0]).await?;
            Ok(form.fill(&record.0).report.findings.into_iter().map(finding).collect::<Vec<_>>())
        })
    }

    /// The same by a profile alone.
    fn check_by_profile(&self, iri: String, record: Record) -> PyResult<Call> {
        self.call(|client| async move {
            let form = of_profile(&client, &iri, &record.0).await?;
            Ok(form.fill(&record.0).report.findings.into_iter().map(finding).collect::<Vec<_>>())
        })
    }

    /// A record as RDF in Turtle, as it would be sent.
    fn fill(&self, resource: ResourceTold, record: Record) -> PyResult<Call> {
        self.of_resource(resource, |resource| async move {
            let form = resource.form([&record.0]).await?;
            Ok(shapes::rdf::turtle(&form.fill(&record.0).graph))
        })
    }

    /// The same by a profile alone.
    fn fill_by_profile(&self, iri: String, record: Record) -> PyResult<Call> {
        self.call(|client| async move {
            let form = of_profile(&client, &iri, &record.0).await?;
            Ok(shapes::rdf::turtle(&form.fill(&record.0).graph))
        })
    }

    /// An empty table as CSV.
    fn template(&self, iri: String, language: String) -> PyResult<Call> {
        self.call(|client| async move { Ok(shapes::Table::template(&client.profile(&iri).await?, &language)) })
    }
}
