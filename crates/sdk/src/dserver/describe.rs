//! What is known of a dataset, changed: for servers of a release after 0.22 ([`Feature::Writing`]).

use raw::dserver::{operations as op, types};
use serde_json::{Map, Value};

use super::{Client, Feature};
use crate::{Result, error::call};

impl Client {
    /// Puts another text in place of the readme of the dataset at this URI. Needs [`Feature::Writing`].
    pub async fn replace_readme(&self, uri: &str, text: &str) -> Result<()> {
        let body = types::ReadmeRequest { readme: text.to_owned() };
        let answer = call(&op::REPLACE_README, self.raw.replace_readme().uri(uri).body(body).send()).await;
        self.written(uri, answer).await
    }

    /// Puts other tags in place of all that the dataset at this URI has. Needs [`Feature::Writing`].
    pub async fn replace_tags(&self, uri: &str, tags: impl IntoIterator<Item = String>) -> Result<()> {
        let body = types::Tag { tags: Some(tags.into_iter().collect()) };
        let answer = call(&op::REPLACE_TAGS, self.raw.replace_tags().uri(uri).body(body).send()).await;
        self.written(uri, answer).await
    }

    /// Adds a tag to the dataset at this URI. Needs [`Feature::Writing`].
    pub async fn add_tag(&self, uri: &str, tag: &str) -> Result<()> {
        let answer = call(&op::ADD_TAG, self.raw.add_tag().uri(uri).tag(tag).send()).await;
        self.written(uri, answer).await
    }

    /// Takes a tag from the dataset at this URI. Needs [`Feature::Writing`].
    pub async fn remove_tag(&self, uri: &str, tag: &str) -> Result<()> {
        let answer = call(&op::REMOVE_TAG, self.raw.remove_tag().uri(uri).tag(tag).send()).await;
        self.written(uri, answer).await
    }

    /// Puts other annotations in place of all that the dataset at this URI has. Needs [`Feature::Writing`].
    pub async fn replace_annotations(&self, uri: &str, annotations: Map<String, Value>) -> Result<()> {
        let body = types::Annotation { annotations: Some(annotations) };
        let answer = call(&op::REPLACE_ANNOTATIONS, self.raw.replace_annotations().uri(uri).body(body).send()).await;
        self.written(uri, answer).await
    }

    /// Sets one annotation of the dataset at this URI. Needs [`Feature::Writing`].
    pub async fn set_annotation(&self, uri: &str, name: &str, value: Value) -> Result<()> {
        let body = types::SingleAnnotation { value: Some(value) };
        let sent = self.raw.set_annotation().uri(uri).annotation_name(name).body(body).send();
        let answer = call(&op::SET_ANNOTATION, sent).await;
        self.written(uri, answer).await
    }

    /// Takes one annotation from the dataset at this URI. Needs [`Feature::Writing`].
    pub async fn remove_annotation(&self, uri: &str, name: &str) -> Result<()> {
        let sent = self.raw.remove_annotation().uri(uri).annotation_name(name).send();
        let answer = call(&op::REMOVE_ANNOTATION, sent).await;
        self.written(uri, answer).await
    }

    async fn written<T>(&self, uri: &str, answer: Result<T>) -> Result<()> {
        self.offered(Feature::Writing, answer).await.map(drop).map_err(|e| e.about(uri))
    }
}
