use std::collections::{BTreeMap, HashMap, HashSet};

use futures::TryStreamExt as _;
use oxrdf::{Graph, NamedOrBlankNode, Term, Triple};
use raw::coscine::{
    operations as op,
    types::{ResourceDto, VocabularyInstanceDto},
};

use super::{
    Client, DownloadDir, DownloadFile, Files, Record, UploadDir, UploadFile,
    metadata::{self, Profile, Vocabularies},
};
use crate::{Error, Page, Result, error::call, page::pages};

/// A resource: files, their metadata, and the application profile that the metadata follows.
#[derive(Clone, Debug)]
pub struct Resource {
    client: Client,
    project_id: String,
    id: String,
    details: ResourceDto,
}

/// The metadata of one file, as the server holds it.
#[derive(Clone, Debug)]
pub struct FileMetadata {
    /// The file's path in the resource.
    pub path: String,
    /// The version; each change of the metadata makes a new one. `None` where the server does not number them.
    pub version: Option<u64>,
    /// What is said of the file.
    pub graph: Graph,
}

impl Resource {
    pub(crate) fn new(client: Client, project_id: String, id: String, mut details: ResourceDto) -> Self {
        // They may hold S3 keys, or a GitLab's token, which nobody prints by chance.
        details.type_.options = None;
        Self { client, project_id, id, details }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn project_id(&self) -> &str {
        &self.project_id
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its full name.
    pub fn name(&self) -> &str {
        &self.details.name
    }

    /// The name that people read.
    pub fn display_name(&self) -> &str {
        &self.details.display_name
    }

    /// Its persistent identifier: a handle, `prefix/suffix`.
    pub fn pid(&self) -> &str {
        &self.details.pid
    }

    /// Its specific type, such as `rdsrwth`.
    pub fn resource_type(&self) -> &str {
        &self.details.type_.specific_type
    }

    /// Whether it can't be written to.
    pub fn is_archived(&self) -> bool {
        self.details.archived.unwrap_or_default()
    }

    /// All that the server told of it but the options of its type, which hold secrets: see [`Resource::s3`].
    pub fn details(&self) -> &ResourceDto {
        &self.details
    }

    /// Its files.
    pub fn files(&self) -> Files {
        Files::new(self.clone())
    }

    /// Sends one file.
    pub fn upload(&self, file: impl Into<std::path::PathBuf>) -> UploadFile {
        UploadFile::new(self.clone(), file.into())
    }

    /// Sends a folder with all that is in it.
    pub fn upload_dir(&self, folder: impl Into<std::path::PathBuf>) -> UploadDir {
        UploadDir::new(self.clone(), folder.into())
    }

    /// Fetches one file, `path` in the resource, to `target`.
    pub fn download(&self, path: impl Into<String>, target: impl Into<std::path::PathBuf>) -> DownloadFile {
        DownloadFile::new(self.clone(), path.into(), target.into())
    }

    /// Fetches all files, or those of a folder.
    pub fn download_dir(&self, target: impl Into<std::path::PathBuf>) -> DownloadDir {
        DownloadDir::new(self.clone(), target.into())
    }

    /// The metadata of every file, in one request: the newest version of each, sorted by path.
    pub async fn metadata(&self) -> Result<Vec<FileMetadata>> {
        let about = || format!("metadata of {:?}", self.display_name());
        let send = || self.client.raw.get_resource_graph_content(&self.project_id, &self.id);
        let quads = metadata::fetch(&op::GET_RESOURCE_GRAPH_CONTENT, send).await.map_err(|e| e.about(about()))?;
        newest(&quads).map_err(|e| e.about(about()))
    }

    /// The application profile that the files' metadata follows, with all that it inherits.
    pub async fn profile(&self) -> Result<Profile> {
        let iri = self.details.application_profile.uri.clone();
        let (mut documents, mut known, mut next) = (vec![], HashSet::new(), vec![iri.clone()]);
        while let Some(iri) = next.pop() {
            if !known.insert(iri.clone()) {
                continue;
            }
            let sent = self.client.raw.get_application_profile().profile(&iri).format("text/turtle".to_owned()).send();
            let answer =
                call(&op::GET_APPLICATION_PROFILE, sent).await.map_err(|e| e.about(format!("profile {iri}")))?;
            let content = answer.into_inner().data.and_then(|dto| dto.definition).and_then(|it| it.content);
            let content =
                content.ok_or_else(|| Error::not_found("it has no definition").about(format!("profile {iri}")))?;
            let document = metadata::read(content.as_bytes(), &iri)?;
            next.extend(metadata::parents(&document));
            documents.push(document);
        }
        Profile::read(&iri, &documents)
    }

    /// A record as RDF, checked against the resource's profile.
    pub(crate) fn turtle(&self, profile: &Profile, terms: &Vocabularies, record: &Record) -> Result<String> {
        profile.turtle(record, &self.fixed_values(), terms)
    }

    /// The terms of each vocabulary that the records name by label.
    pub(crate) async fn terms<'r>(
        &self,
        profile: &Profile,
        records: impl IntoIterator<Item = &'r Record>,
    ) -> Result<Vocabularies> {
        let classes: HashSet<_> = records.into_iter().flat_map(|record| profile.vocabularies(record)).collect();
        let mut all = Vocabularies::new();
        for class in classes {
            let instances: Vec<VocabularyInstanceDto> =
                self.client.vocabulary(&class).try_collect().await.map_err(|e: Error| e.about(&class))?;
            let named = instances
                .into_iter()
                .filter_map(|it| Some((it.display_name?.to_lowercase(), it.instance_uri?.clone())));
            all.insert(class, named.collect::<BTreeMap<_, _>>());
        }
        Ok(all)
    }

    /// Values that the resource gives to each file: predicate and term.
    fn fixed_values(&self) -> Vec<(String, Term)> {
        let mut values = vec![];
        for (path, kinds) in &self.details.fixed_values {
            // Whether a form shows the field is told among its values, and is none.
            let values_of = kinds.iter().filter(|(kind, _)| !kind.ends_with("/invisible"));
            for value in values_of.flat_map(|(_, values)| values) {
                let term = value.value.as_deref().and_then(|text| {
                    metadata::fixed_term(
                        text,
                        value.type_.as_deref(),
                        value.datatype.as_ref().map(std::convert::AsRef::as_ref),
                    )
                });
                values.extend(term.map(|term| (path.clone(), term)));
            }
        }
        values
    }
}

impl Client {
    /// The terms of a vocabulary, by the class that a profile's field names.
    pub(crate) fn vocabulary(&self, class: &str) -> impl futures::Stream<Item = Result<VocabularyInstanceDto>> + Send {
        /// Instances in a page: the most that Coscine gives.
        const PAGE_SIZE: i32 = 150;
        let (client, class) = (self.clone(), class.to_owned());
        pages(
            |it: &VocabularyInstanceDto| it.instance_uri.as_deref().unwrap_or_default(),
            move |n| {
                let (client, class) = (client.clone(), class.clone());
                async move {
                    let request = client.raw.get_vocabulary_instances().class(class).page_number(n as i32);
                    let sent = request.page_size(PAGE_SIZE).send();
                    let answer = call(&op::GET_VOCABULARY_INSTANCES, sent).await?.into_inner();
                    let page = crate::page::of(answer.pagination.as_ref());
                    Ok(Page { items: answer.data.unwrap_or_default(), ..page })
                }
            },
        )
    }
}

/// Sorts a resource's whole graph by file; of each file the newest version.
///
/// Coscine names a file's metadata `.../resources/<id>/<path>/@type=metadata&version=<n>`.
fn newest(quads: &[u8]) -> Result<Vec<FileMetadata>> {
    const MARK: &str = "/@type=metadata";
    let mut files: HashMap<String, FileMetadata> = HashMap::new();
    for quad in metadata::read_quads(quads) {
        let quad = quad?;
        let oxrdf::GraphName::NamedNode(name) = &quad.graph_name else { continue };
        let Some((place, rest)) = name.as_str().split_once(MARK) else { continue };
        let Some(path) =
            place.split_once("/resources/").and_then(|(_, rest)| rest.split_once('/')).map(|(_, path)| path)
        else {
            continue;
        };
        let path = percent_encoding::percent_decode_str(path).decode_utf8_lossy().into_owned();
        let version = rest.split('&').find_map(|pair| pair.strip_prefix("version=")).and_then(|n| n.parse().ok());
        let file = files.entry(path).or_insert_with_key(|path| FileMetadata {
            path: path.clone(),
            version,
            graph: Graph::new(),
        });
        if version < file.version {
            continue;
        }
        if version > file.version {
            (file.version, file.graph) = (version, Graph::new());
        }
        file.graph.insert(&Triple::new(quad.subject, quad.predicate, quad.object));
    }
    let mut files: Vec<_> = files.into_values().collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

impl FileMetadata {
    /// Predicates and plain values, sorted: for a table or a look.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let of_root = self.graph.iter().filter(|triple| match triple.subject.into_owned() {
            NamedOrBlankNode::NamedNode(_) => true,
            NamedOrBlankNode::BlankNode(node) => {
                !self.graph.iter().any(|t| t.object.into_owned() == Term::from(node.clone()))
            }
        });
        let mut pairs: Vec<_> = of_root
            .map(|triple| {
                let value = match triple.object {
                    oxrdf::TermRef::Literal(literal) => literal.value().to_owned(),
                    oxrdf::TermRef::NamedNode(node) => node.as_str().to_owned(),
                    other => other.to_string(),
                };
                (triple.predicate.as_str().to_owned(), value)
            })
            .collect();
        pairs.sort();
        pairs
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A resource as the service describes it.
    pub(crate) fn described() -> ResourceDto {
        let described = serde_json::json!({
            "pid": "21.11102/r", "name": "R", "displayName": "R", "description": "R", "disciplines": [], "visibility": {},
            "type": {
                "generalType": "rdss3", "specificType": "rdss3rwth",
                "options": { "gitLab": { "accessToken": "hush" } },
            },
            "applicationProfile": { "uri": "urn:profile" },
            "fixedValues": { "urn:p": {
                "https://purl.org/coscine/fixedValue": [{ "value": "v", "type": "literal" }],
                "https://purl.org/coscine/invisible": [{ "value": "1", "type": "literal" }],
            } },
        });
        serde_json::from_value(described).unwrap()
    }

    #[test]
    fn of_what_it_is_described_with_only_values_are_fixed_and_no_secret_stays() {
        let client = Client::builder().url("http://127.0.0.1:9").token("t").build().unwrap();
        let resource = Resource::new(client, "p".to_owned(), "r".to_owned(), described());
        let value = oxrdf::Literal::new_simple_literal("v").into();
        assert_eq!(resource.fixed_values(), [("urn:p".to_owned(), value)]);
        assert!(!format!("{resource:?}").contains("hush"));
    }

    #[test]
    fn the_newest_version_of_each_file() {
        let quads = r#"
            _:a <urn:p> "old" <https://purl.org/coscine/resources/r1/a%20b/c.txt/@type=metadata&version=1> .
            _:b <urn:p> "new" <https://purl.org/coscine/resources/r1/a%20b/c.txt/@type=metadata&version=2> .
            _:b <urn:q> <urn:o> <https://purl.org/coscine/resources/r1/a%20b/c.txt/@type=metadata&version=2> .
            _:c <urn:p> "data" <https://purl.org/coscine/resources/r1/a%20b/c.txt/@type=data&version=3> .
            _:d <urn:p> "x" <https://purl.org/coscine/resources/r1/b.txt/@type=metadata> .
            _:e <urn:p> "no graph" .
        "#;
        let files = newest(quads.as_bytes()).unwrap();
        assert_eq!(
            files.iter().map(|f| (f.path.as_str(), f.version)).collect::<Vec<_>>(),
            [("a b/c.txt", Some(2)), ("b.txt", None)]
        );
        let pair = |p: &str, v: &str| (p.to_owned(), v.to_owned());
        assert_eq!(files[0].pairs(), [pair("urn:p", "new"), pair("urn:q", "urn:o")]);
        assert!(newest(b"<html>").is_err());
    }
}
