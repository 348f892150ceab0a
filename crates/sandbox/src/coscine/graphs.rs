//! Metadata of files: RDF in versions, one by one or all at once.

use chrono::Utc;
use http::{StatusCode, header};
use http_body_util::{BodyExt as _, Limited};
use oxrdf::{GraphName, NamedNode, Quad, Triple};
use oxttl::{NQuadsSerializer, TurtleParser, TurtleSerializer};
use serde_json::{Value, json};

use super::{
    Answer, Ask, LARGEST_PAGE, Service,
    answer::{bad, bytes, empty, missing, ok, page, problem},
    profiles,
    projects::allowed,
    state::{Resource, Role, Version, time},
};

impl Service {
    pub(super) async fn graphs(&self, ask: Ask) -> Answer {
        match ask.id {
            "GetProjectGraphContent" => {
                let state = self.state();
                match allowed(&state, &ask, Role::Guest) {
                    Ok(project) => quads(state.resources.iter().filter(|it| it.project == project.id)),
                    Err(answer) => answer,
                }
            }
            "CreateMetadataVersion" => self.store(ask).await,
            "CreateMetadataTree" | "UpdateMetadataTree" => {
                let path = ask.json["path"].as_str().unwrap_or_default().trim_start_matches('/').to_owned();
                let content = ask.json["definition"]["content"].as_str().unwrap_or_default().to_owned();
                let status = if ask.id == "CreateMetadataTree" { StatusCode::CREATED } else { StatusCode::NO_CONTENT };
                match self.store_turtle(&ask, &path, content.as_bytes()) {
                    Err(answer) => answer,
                    Ok(version) if status == StatusCode::CREATED => super::answer::data(status, &tree(&path, &version)),
                    Ok(_) => empty(status),
                }
            }
            _ => self.read(&ask),
        }
    }

    async fn store(&self, ask: Ask) -> Answer {
        let media = ask.headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default();
        if !media.starts_with("text/turtle") {
            return problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, "The sandbox reads metadata as text/turtle only.");
        }
        let Ask { body, id, user, path, query, headers, json } = ask;
        let content = match Limited::new(body, 4 << 20).collect().await {
            Ok(content) => content.to_bytes(),
            Err(e) => return bad(&format!("The metadata could not be read: {e}")),
        };
        let ask = Ask { id, user, path, query, headers, json, body: crate::no_body() };
        match self.store_turtle(&ask, ask.path("encodedPath"), &content) {
            Ok(_) => empty(StatusCode::CREATED),
            Err(answer) => answer,
        }
    }

    fn store_turtle(&self, ask: &Ask, path: &str, content: &[u8]) -> Result<Version, Answer> {
        let triples: Result<Vec<Triple>, _> = TurtleParser::new().for_slice(content).collect();
        let triples = triples.map_err(|e| bad(&format!("The metadata is not Turtle: {e}")))?;
        let mut state = self.state();
        let resource = Self::resource_of(&mut state, ask, Role::Member)?;
        let lacks = profiles::lacks(&resource.profile, &triples);
        if !lacks.is_empty() {
            return Err(bad(&format!("The metadata does not follow the application profile: {}", lacks.join("; "))));
        }
        let versions = resource.metadata.entry(path.to_owned()).or_default();
        let number = versions.last().map_or(1, |it| it.number + 1);
        let version = Version { number, triples, at: Utc::now() };
        versions.push(version.clone());
        Ok(version)
    }

    fn read(&self, ask: &Ask) -> Answer {
        let mut state = self.state();
        let needed = if ask.id == "DeleteMetadataTree" { Role::Member } else { Role::Guest };
        let resource = match Self::resource_of(&mut state, ask, needed) {
            Ok(resource) => resource,
            Err(answer) => return answer,
        };
        match ask.id {
            "GetResourceGraphContent" => return quads(std::iter::once(&*resource)),
            "GetStorageGraphTree" => {
                let prefix = ask.query("Prefix").unwrap_or_default();
                let mut paths: Vec<&String> = resource.files.keys().chain(resource.metadata.keys()).collect();
                paths.sort();
                paths.dedup();
                let nodes = paths.into_iter().filter(|path| path.starts_with(prefix)).map(|path| node(resource, path));
                return page(&ask.query, nodes.collect(), LARGEST_PAGE);
            }
            "GetMetadataTree" => {
                let prefix = ask.query("Path").unwrap_or_default().trim_start_matches('/');
                let below = resource.metadata.iter().filter(|(path, _)| path.starts_with(prefix));
                let trees = below.filter_map(|(path, versions)| Some(tree(path, versions.last()?)));
                return page(&ask.query, trees.collect(), LARGEST_PAGE);
            }
            "DeleteMetadataTree" => {
                let path = ask.json["path"].as_str().unwrap_or_default();
                let gone = resource.metadata.remove(path.trim_start_matches('/'));
                return if gone.is_some() { empty(StatusCode::NO_CONTENT) } else { missing("The metadata") };
            }
            _ => {}
        }
        let path = match ask.id {
            "GetSpecificMetadataTree" => ask.query("Path").unwrap_or_default().trim_start_matches('/'),
            _ => ask.path("encodedPath"),
        };
        let versions = resource.metadata.get(path).map_or(&[][..], Vec::as_slice);
        let wanted: Option<u64> = ask.query("graphVersion").or(ask.query("Version")).and_then(|it| it.parse().ok());
        let version = match wanted {
            Some(number) => versions.iter().find(|it: &&Version| it.number == number),
            None => versions.last(),
        };
        let is_head = ask.id.starts_with("Head");
        match (ask.id, version) {
            ("GetStorageGraph", _) if resource.files.contains_key(path) || version.is_some() => {
                ok(&node(resource, path))
            }
            ("HeadStorageGraph", _) if resource.files.contains_key(path) || version.is_some() => empty(StatusCode::OK),
            ("ListMetadataVersions", _) => page(
                &ask.query,
                versions.iter().rev().map(|it| version_dto(resource, path, it)).collect(),
                LARGEST_PAGE,
            ),
            ("GetMetadataVersion", Some(version)) => ok(&version_dto(resource, path, version)),
            ("HeadMetadataVersion", Some(_)) => empty(StatusCode::NO_CONTENT),
            ("GetMetadataContent", Some(version)) => bytes(StatusCode::OK, "text/turtle", turtle(&version.triples)),
            ("GetSpecificMetadataTree", Some(version)) => ok(&tree(path, version)),
            _ if is_head => empty(StatusCode::NOT_FOUND),
            _ => missing("The metadata"),
        }
    }
}

fn turtle(triples: &[Triple]) -> Vec<u8> {
    let mut writer = TurtleSerializer::new().for_writer(vec![]);
    for triple in triples {
        writer.serialize_triple(triple).expect("memory takes all");
    }
    writer.finish().expect("memory takes all")
}

/// How Coscine names the graph of a version of a file's metadata.
fn graph_name(resource: &Resource, path: &str, version: &Version) -> NamedNode {
    let path: Vec<String> = path
        .split('/')
        .map(|it| percent_encoding::utf8_percent_encode(it, percent_encoding::NON_ALPHANUMERIC).to_string())
        .collect();
    let name = format!(
        "https://purl.org/coscine/resources/{}/{}/@type=metadata&version={}",
        resource.id,
        path.join("/"),
        version.number
    );
    NamedNode::new_unchecked(name)
}

/// The metadata of all files, in all versions.
fn quads<'r>(resources: impl Iterator<Item = &'r Resource>) -> Answer {
    let mut writer = NQuadsSerializer::new().for_writer(vec![]);
    for resource in resources {
        for (path, versions) in &resource.metadata {
            for version in versions {
                let name = GraphName::from(graph_name(resource, path, version));
                for Triple { subject, predicate, object } in version.triples.clone() {
                    let quad = Quad { subject, predicate, object, graph_name: name.clone() };
                    writer.serialize_quad(&quad).expect("memory takes all");
                }
            }
        }
    }
    bytes(StatusCode::OK, "application/n-quads", writer.finish())
}

fn node(resource: &Resource, path: &str) -> Value {
    json!({
        "subject": format!("https://purl.org/coscine/resources/{}/{path}", resource.id), "path": path,
        "prefix": path.rsplit_once('/').map_or(String::new(), |(prefix, _)| format!("{prefix}/")),
        "name": path.rsplit('/').next(), "hasData": resource.files.contains_key(path),
        "hasMetadata": resource.metadata.contains_key(path), "hasChildren": false,
    })
}

fn version_dto(resource: &Resource, path: &str, version: &Version) -> Value {
    json!({
        "subject": graph_name(resource, path, version).as_str(), "path": path, "version": version.number.to_string(),
        "generatedAtTime": time(version.at), "isInvalidated": false, "isRevision": version.number > 1,
        "hasVariant": false, "hasExtracted": false,
    })
}

fn tree(path: &str, version: &Version) -> Value {
    json!({
        "path": path, "type": "Leaf", "version": version.number.to_string(),
        "availableVersions": [version.number.to_string()],
        "definition": { "content": String::from_utf8_lossy(&turtle(&version.triples)), "type": "text/turtle" },
    })
}
