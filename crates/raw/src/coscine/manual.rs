//! What the generator can't express, through the same stack: forms, RDF in the media type of one's choice, content
//! that may lie elsewhere.
//!
//! Each answers with the response as it is, and leaves its status to the caller: content may come as 200 or as a
//! redirect, which this client never follows by itself, as the token must not go there.

use http::{Method, header};
use middleware::{Body, Operation, Request, Result};
use progenitor_client::ClientInfo as _;

use super::{Client, operations as op};
use crate::{
    multipart::FilePart,
    path::{encode_object, encode_segment},
};

impl Client {
    /// `GET .../profiles/{profile}/raw`: a profile in `media` (`text/turtle` or `application/ld+json`).
    pub async fn get_raw_application_profile(&self, profile: &str, media: &'static str) -> Result<reqwest::Response> {
        self.get(&op::GET_RAW_APPLICATION_PROFILE, &[profile], media).await
    }

    /// `GET .../vocabularies/{vocabulary}/raw`: a vocabulary in `media` (`text/turtle` or `application/ld+json`).
    pub async fn get_raw_vocabulary(&self, vocabulary: &str, media: &'static str) -> Result<reqwest::Response> {
        self.get(&op::GET_RAW_VOCABULARY, &[vocabulary], media).await
    }

    /// `GET .../projects/{projectId}/graphs/metadata/content`: the metadata of all files of a project, as N-Quads.
    pub async fn get_project_graph_content(&self, project_id: &str) -> Result<reqwest::Response> {
        self.get(&op::GET_PROJECT_GRAPH_CONTENT, &[project_id], "application/n-quads").await
    }

    /// `GET .../resources/{resourceId}/graphs/metadata/content`: the metadata of all files of a resource, as N-Quads.
    pub async fn get_resource_graph_content(&self, project_id: &str, resource_id: &str) -> Result<reqwest::Response> {
        self.get(&op::GET_RESOURCE_GRAPH_CONTENT, &[project_id, resource_id], "application/n-quads").await
    }

    /// `GET .../graphs/{encodedPath}/metadata/content`: a file's metadata in `media` (`text/turtle` or
    /// `application/ld+json`), in its newest version or an older one.
    pub async fn get_metadata_content(
        &self,
        project_id: &str,
        resource_id: &str,
        path: &str,
        media: &'static str,
        graph_version: Option<i64>,
    ) -> Result<reqwest::Response> {
        let operation = &op::GET_METADATA_CONTENT;
        let mut request = self.request(operation, &[project_id, resource_id, path])?;
        if let Some(version) = graph_version {
            let uri = format!("{}?graphVersion={version}", request.uri());
            *request.uri_mut() = uri.parse().map_err(middleware::Error::invalid)?;
        }
        request.headers_mut().insert(header::ACCEPT, header::HeaderValue::from_static(media));
        self.send(operation, request).await
    }

    /// `PUT .../graphs/{encodedPath}/metadata/content`: stores a new version of a file's metadata, given as RDF in
    /// `media` (`text/turtle` or `application/ld+json`).
    pub async fn create_metadata_version(
        &self,
        project_id: &str,
        resource_id: &str,
        path: &str,
        media: &'static str,
        rdf: impl Into<bytes::Bytes>,
    ) -> Result<reqwest::Response> {
        let operation = &op::CREATE_METADATA_VERSION;
        let mut request = self.request(operation, &[project_id, resource_id, path])?;
        request.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(media));
        *request.body_mut() = rdf.into().into();
        self.send(operation, request).await
    }

    /// `GET .../storage/{encodedPath}/content`: 200 with the content, or a redirect to where it lies.
    pub async fn get_storage_raw(&self, project_id: &str, resource_id: &str, path: &str) -> Result<reqwest::Response> {
        self.get(&op::GET_STORAGE_RAW, &[project_id, resource_id, path], "*/*").await
    }

    /// `POST .../storage/{encodedPath}/content`: stores a file that is not there yet.
    pub async fn post_storage_raw(
        &self,
        project_id: &str,
        resource_id: &str,
        path: &str,
        file: FilePart,
    ) -> Result<reqwest::Response> {
        self.send_file(&op::POST_STORAGE_RAW, &[project_id, resource_id, path], file).await
    }

    /// `PUT .../storage/{encodedPath}/content`: stores a new version of a file.
    pub async fn put_storage_raw(
        &self,
        project_id: &str,
        resource_id: &str,
        path: &str,
        file: FilePart,
    ) -> Result<reqwest::Response> {
        self.send_file(&op::PUT_STORAGE_RAW, &[project_id, resource_id, path], file).await
    }

    /// `GET .../blobs/{key}`: as [`Client::get_storage_raw`], by the old route.
    pub async fn get_blob(&self, project_id: &str, resource_id: &str, key: &str) -> Result<reqwest::Response> {
        self.get(&op::GET_BLOB, &[project_id, resource_id, key], "*/*").await
    }

    /// `POST .../blobs/{key}`: as [`Client::post_storage_raw`], by the old route.
    pub async fn create_blob(
        &self,
        project_id: &str,
        resource_id: &str,
        key: &str,
        file: FilePart,
    ) -> Result<reqwest::Response> {
        self.send_file(&op::CREATE_BLOB, &[project_id, resource_id, key], file).await
    }

    /// `PUT .../blobs/{key}`: as [`Client::put_storage_raw`], by the old route.
    pub async fn update_blob(
        &self,
        project_id: &str,
        resource_id: &str,
        key: &str,
        file: FilePart,
    ) -> Result<reqwest::Response> {
        self.send_file(&op::UPDATE_BLOB, &[project_id, resource_id, key], file).await
    }

    async fn get(&self, operation: &Operation, path: &[&str], media: &'static str) -> Result<reqwest::Response> {
        let mut request = self.request(operation, path)?;
        request.headers_mut().insert(header::ACCEPT, header::HeaderValue::from_static(media));
        self.send(operation, request).await
    }

    async fn send_file(&self, operation: &Operation, path: &[&str], file: FilePart) -> Result<reqwest::Response> {
        let mut request = self.request(operation, path)?;
        file.put_into(&mut request);
        self.send(operation, request).await
    }

    async fn send(&self, operation: &Operation, request: Request) -> Result<reqwest::Response> {
        Ok(self.inner().send(request, operation.clone()).await?.into())
    }

    /// The URL that [`Client::get_storage_raw`] asks.
    pub fn storage_raw_url(&self, project_id: &str, resource_id: &str, path: &str) -> String {
        self.url(&op::GET_STORAGE_RAW, &[project_id, resource_id, path])
    }

    /// The URL of an operation, its path parameters filled in, in order.
    fn url(&self, operation: &Operation, values: &[&str]) -> String {
        let mut uri = self.baseurl().to_owned();
        let mut values = values.iter();
        for part in operation.path.split('/').skip(1) {
            uri.push('/');
            match part {
                "{encodedPath}" | "{key}" => uri += &encode_object(values.next().expect("one a parameter")),
                _ if part.starts_with('{') => uri += &encode_segment(values.next().expect("one a parameter")),
                _ => uri += part,
            }
        }
        uri
    }

    fn request(&self, operation: &Operation, values: &[&str]) -> Result<Request> {
        let mut request = Request::new(Body::empty());
        *request.method_mut() = Method::clone(&operation.method);
        *request.uri_mut() = self.url(operation, values).parse().map_err(middleware::Error::invalid)?;
        Ok(request)
    }
}
