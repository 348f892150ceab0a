//! The metadata that the server holds of files.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use middleware::Operation;
use oxrdf::{Graph, NamedOrBlankNode, Quad, Term, Triple};
use oxttl::NQuadsParser;

use crate::{Error, Kind, Result, error::succeeded};

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

/// Sorts a resource's whole graph by file; of each file the newest version.
///
/// Coscine names a file's metadata `.../resources/<id>/<path>/@type=metadata&version=<n>`.
pub(super) fn newest(quads: &[u8]) -> Result<Vec<FileMetadata>> {
    const MARK: &str = "/@type=metadata";
    let mut files: HashMap<String, FileMetadata> = HashMap::new();
    for quad in read_quads(quads) {
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

/// Asks for an RDF document and reads it whole. It may be long, so a connection that breaks in the middle of it is likely
/// enough to be asked again.
pub(crate) async fn fetch<Fut>(operation: &Operation, send: impl Fn() -> Fut) -> Result<Bytes>
where
    Fut: Future<Output = middleware::Result<reqwest::Response>>,
{
    /// The longest, in bytes: some 200,000 files' metadata.
    const LIMIT: usize = 256 << 20;
    crate::transfer::again(|| async {
        let answer = succeeded(operation, send()).await?;
        Ok(middleware::Body::from(reqwest::Body::from(answer)).collect(LIMIT).await?)
    })
    .await
}

/// Reads the server's N-Quads.
pub(crate) fn read_quads(quads: &[u8]) -> impl Iterator<Item = Result<Quad>> {
    let broken = |e| Error::new(Kind::Unexpected, format!("the server's N-Quads are broken: {e}"));
    NQuadsParser::new().for_slice(quads).map(move |quad| quad.map_err(broken))
}

/// What a graph says, to compare two: blank nodes are all alike, as each document names them anew.
pub(super) fn statements(graph: &Graph) -> HashSet<(String, String)> {
    let statement = |triple: oxrdf::TripleRef<'_>| {
        let object = match triple.object {
            oxrdf::TermRef::BlankNode(_) => "_:".to_owned(),
            other => other.to_string(),
        };
        (triple.predicate.as_str().to_owned(), object)
    };
    graph.iter().map(statement).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
