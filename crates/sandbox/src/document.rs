//! The OpenAPI document as a judge: which operation a request is, and in what it breaks the document.

use std::{collections::BTreeMap, sync::LazyLock};

use http::Method;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::dserver::Release;

/// How a violation begins that a lenient server lets pass.
pub(crate) const UNKNOWN_QUERY: &str = "unknown query parameter";

/// A service's document, read once.
pub(crate) struct Document {
    json: Value,
    routes: Vec<Route>,
    router: Router,
}

/// How a service reads a path.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Router {
    /// Segment by segment, whatever the case; an encoded slash is part of a segment.
    AspNet,
    /// Decoded first: a slash is a slash, however it is written.
    Flask,
}

struct Route {
    method: Method,
    template: Vec<Segment>,
    id: &'static str,
    operation: &'static Value,
}

enum Segment {
    Is(&'static str),
    One(&'static str),
    /// A file's path: one segment or many.
    Path(&'static str),
}

/// The operation of a request, with its path parameters decoded.
pub(crate) struct Matched {
    pub id: &'static str,
    pub path: BTreeMap<&'static str, String>,
    operation: &'static Value,
}

static COSCINE: LazyLock<Document> = LazyLock::new(|| Document::new(read(openapi::COSCINE), Router::AspNet));

static DSERVER: LazyLock<Document> = LazyLock::new(|| Document::new(dserver(), Router::Flask));

static DSERVER_NEXT: LazyLock<Document> = LazyLock::new(|| {
    let mut json = dserver();
    patch(&mut json, openapi::DSERVER_NEXT_OVERLAY);
    Document::new(json, Router::Flask)
});

/// The released dserver's document, with the names of its operations.
fn dserver() -> Value {
    let mut json = read(openapi::DSERVER);
    patch(&mut json, openapi::DSERVER_OVERLAY);
    json
}

fn read(text: &str) -> Value {
    serde_json::from_str(text).expect("the document is JSON")
}

/// Applies an overlay: JSON merge patches (RFC 7396), one after the other.
fn patch(json: &mut Value, overlay: &str) {
    for patch in read(overlay)["patches"].as_array().into_iter().flatten() {
        merge(json, &patch["merge"]);
    }
}

fn merge(target: &mut Value, patch: &Value) {
    let Some(fields) = patch.as_object() else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::default());
    }
    let Some(into) = target.as_object_mut() else { return };
    for (name, value) in fields {
        if value.is_null() {
            into.shift_remove(name);
        } else {
            merge(into.entry(name).or_insert(Value::Null), value);
        }
    }
}

impl Document {
    /// Coscine's API, version 2.
    pub fn coscine() -> &'static Self {
        &COSCINE
    }

    /// dserver's API.
    pub fn dserver(release: Release) -> &'static Self {
        match release {
            Release::Released => &DSERVER,
            Release::Next => &DSERVER_NEXT,
        }
    }

    fn new(json: Value, router: Router) -> Self {
        // Kept for the life of the process: routes borrow from it.
        let kept: &'static Value = Box::leak(Box::new(json.clone()));
        let mut found = vec![];
        for (path, item) in kept["paths"].as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                // Beside the methods stand what they have in common.
                let methods = [Method::GET, Method::HEAD, Method::PUT, Method::POST, Method::PATCH, Method::DELETE];
                let named = |it: &Method| it.as_str().eq_ignore_ascii_case(method);
                let Some(method) = methods.into_iter().find(named) else { continue };
                let template = path.split('/').skip(1).map(|segment| {
                    match segment.strip_prefix('{').and_then(|it| it.strip_suffix('}')) {
                        None => Segment::Is(segment),
                        Some(name @ ("encodedPath" | "key" | "uri" | "base_uri" | "path")) => Segment::Path(name),
                        Some(name) => Segment::One(name),
                    }
                });
                // Two operations of the document have no id; theirs are the client's too.
                let id = operation["operationId"].as_str().unwrap_or(match method {
                    Method::DELETE => "DeleteUser",
                    _ => "Logout",
                });
                found.push(Route { method, template: template.collect(), id, operation });
            }
        }
        // The more a template says, the earlier it is tried.
        let open = |route: &Route| {
            let weight = |segment: &Segment| match segment {
                Segment::Is(_) => -1,
                Segment::One(_) => 0,
                Segment::Path(_) => 100,
            };
            route.template.iter().map(weight).sum::<i32>()
        };
        found.sort_by_key(open);
        Self { json, routes: found, router }
    }

    /// Whether an operation has this id.
    pub fn has(&self, id: &str) -> bool {
        self.routes.iter().any(|route| route.id == id)
    }

    /// The operation of a request to `path`, which is still percent-encoded. `Err` holds the methods that the path knows.
    pub fn operation(&self, method: &Method, path: &str) -> Result<Matched, Vec<&Method>> {
        if self.router == Router::Flask {
            // Where a name may follow a URI, only an encoded slash says which is which.
            let whole: Vec<_> = path.split('/').skip(1).map(|it| percent_decode_str(it).decode_utf8_lossy()).collect();
            let whole: Vec<&str> = whole.iter().map(AsRef::as_ref).collect();
            let is_it = |it: &&Route| it.method == *method && it.template.len() == whole.len();
            for route in self.routes.iter().filter(is_it) {
                if let Some(path) = route.matches(&whole, Router::Flask) {
                    return Ok(Matched { id: route.id, path, operation: route.operation });
                }
            }
        }
        let path = match self.router {
            Router::AspNet => path.into(),
            Router::Flask => percent_decode_str(path).decode_utf8_lossy(),
        };
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        let mut others = vec![];
        for route in &self.routes {
            let Some(path) = route.matches(&segments, self.router) else { continue };
            if route.method == *method {
                return Ok(Matched { id: route.id, path, operation: route.operation });
            }
            others.push(&route.method);
        }
        Err(others)
    }

    /// In what a request breaks the document; empty for a good one.
    pub fn violations(&self, matched: &Matched, query: &[(String, String)], media: Option<&str>) -> Vec<String> {
        let mut found = vec![];
        let parameters = || matched.operation["parameters"].as_array().into_iter().flatten();
        for (name, value) in query {
            match parameters().find(|it| it["in"] == "query" && it["name"].as_str() == Some(name)) {
                None => found.push(format!("{UNKNOWN_QUERY} {name}")),
                Some(known) => {
                    if let Err(why) = self.fits_text(&known["schema"], value) {
                        found.push(format!("query parameter {name}: {why}"));
                    }
                }
            }
        }
        for needed in parameters().filter(|it| it["in"] == "query" && it["required"] == true) {
            if !query.iter().any(|(name, _)| needed["name"] == *name) {
                found.push(format!("query parameter {} is missing", needed["name"]));
            }
        }
        let offered = matched.operation.pointer("/requestBody/content").and_then(Value::as_object);
        match (offered, media) {
            (Some(offered), Some(media)) => {
                let media = media.split(';').next().unwrap_or_default().trim();
                let fits = |it: &String| it == media || (it == "application/*+json" && media.ends_with("+json"));
                if !offered.keys().any(fits) {
                    found.push(format!("media type {media} is not offered"));
                }
            }
            (None, Some(media)) => found.push(format!("a body ({media}) where none belongs")),
            _ => {}
        }
        found
    }

    /// In what a JSON body breaks the document.
    pub fn body_violations(&self, matched: &Matched, body: &Value) -> Vec<String> {
        let mut found = vec![];
        if let Some(schema) = matched.operation.pointer("/requestBody/content/application~1json/schema") {
            self.fits(schema, body, "body", &mut found);
        }
        found
    }

    /// The least that the document allows as an operation's answer; `None` if it has no JSON one.
    pub fn least_answer(&self, matched: &Matched) -> Option<Value> {
        let responses = matched.operation["responses"].as_object()?;
        let good = responses.iter().find(|(status, _)| status.starts_with('2'))?.1;
        let json = good.pointer("/content/application~1json")?;
        Some(json.get("schema").map_or(Value::Null, |schema| self.least(schema, 0)))
    }

    /// The status that the document gives to an operation's success.
    pub fn success(matched: &Matched) -> u16 {
        let responses = matched.operation["responses"].as_object();
        let status = responses.and_then(|it| it.keys().find(|it| it.starts_with('2')));
        status.and_then(|it| it.parse().ok()).unwrap_or(200)
    }

    fn resolve<'s>(&'s self, schema: &'s Value) -> &'s Value {
        match schema["$ref"].as_str().and_then(|it| it.strip_prefix('#')) {
            Some(pointer) => self.json.pointer(pointer).unwrap_or(&Value::Null),
            None => schema,
        }
    }

    fn fits_text(&self, schema: &Value, text: &str) -> Result<(), String> {
        let schema = self.resolve(schema);
        let number = |ok: bool, what: &str| if ok { Ok(()) } else { Err(format!("{text:?} is no {what}")) };
        match schema["type"].as_str() {
            Some("integer") => number(text.parse::<i64>().is_ok(), "integer"),
            Some("number") => number(text.parse::<f64>().is_ok(), "number"),
            // As ASP.NET reads it, whatever the case.
            Some("boolean") => number(["true", "false"].iter().any(|it| text.eq_ignore_ascii_case(it)), "boolean"),
            // dserver writes a list in one parameter, too.
            Some("array") if self.router == Router::Flask => {
                text.split(',').try_for_each(|it| self.fits_text(&schema["items"], it))
            }
            Some("array") => self.fits_text(&schema["items"], text),
            _ => match schema["enum"].as_array() {
                Some(known) if !known.iter().any(|it| it.as_str() == Some(text)) => {
                    Err(format!("{text:?} is not offered"))
                }
                _ => Ok(()),
            },
        }
    }

    fn fits(&self, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
        let schema = self.resolve(schema);
        if value.is_null() {
            if schema["nullable"] != true && schema.get("type").is_some() {
                found.push(format!("{at} must not be null"));
            }
            return;
        }
        for part in schema["allOf"].as_array().into_iter().flatten() {
            self.fits(part, value, at, found);
        }
        let is = match schema["type"].as_str() {
            Some("object") => value.is_object(),
            Some("array") => value.is_array(),
            Some("string") => value.is_string(),
            Some("integer") => value.is_i64() || value.is_u64(),
            Some("number") => value.is_number(),
            Some("boolean") => value.is_boolean(),
            _ => true,
        };
        if !is {
            found.push(format!("{at} must be of type {}", schema["type"]));
            return;
        }
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if value.get(name).is_none() {
                found.push(format!("{at}.{name} is missing"));
            }
        }
        for (name, value) in value.as_object().into_iter().flatten() {
            match schema["properties"].get(name) {
                Some(schema) => self.fits(schema, value, &format!("{at}.{name}"), found),
                None if schema["additionalProperties"].is_object() => {
                    self.fits(&schema["additionalProperties"], value, &format!("{at}.{name}"), found);
                }
                // The schemas forbid no further property, and the official SDK sends some.
                None => {}
            }
        }
        for (n, value) in value.as_array().into_iter().flatten().enumerate() {
            self.fits(&schema["items"], value, &format!("{at}[{n}]"), found);
        }
        if let Some(text) = value.as_str() {
            let length = text.chars().count() as u64;
            if schema["minLength"].as_u64().is_some_and(|min| length < min) {
                found.push(format!("{at} is too short"));
            }
            if schema["maxLength"].as_u64().is_some_and(|max| length > max) {
                found.push(format!("{at} is too long"));
            }
            if schema["format"] == "uuid" && !is_uuid(text) {
                found.push(format!("{at} is no UUID"));
            }
            if schema["enum"].as_array().is_some_and(|known| !known.contains(value)) {
                found.push(format!("{at}: {text:?} is not offered"));
            }
        }
    }

    fn least(&self, schema: &Value, depth: usize) -> Value {
        let schema = self.resolve(schema);
        if let Some(first) = schema["enum"].as_array().and_then(|it| it.first()) {
            return first.clone();
        }
        match schema["type"].as_str() {
            Some("object") if depth < 8 => {
                let required = schema["required"].as_array().cloned().unwrap_or_default();
                let properties = schema["properties"].as_object().into_iter().flatten();
                // An envelope's data are there though nobody requires them.
                let needed = properties.filter(|(name, _)| required.iter().any(|it| it == name.as_str()) || depth == 0);
                needed.map(|(name, schema)| (name.clone(), self.least(schema, depth + 1))).collect()
            }
            Some("array") => Value::Array(vec![]),
            Some("string") => match schema["format"].as_str() {
                Some("uuid") => "00000000-0000-0000-0000-000000000000".into(),
                Some("date-time") => "2026-01-01T00:00:00Z".into(),
                Some("uri") => "https://example.org/".into(),
                _ => "".into(),
            },
            Some("integer") => 0.into(),
            Some("number") => 0.0.into(),
            Some("boolean") => false.into(),
            _ => Value::Null,
        }
    }
}

impl Route {
    fn matches(&self, segments: &[&str], router: Router) -> Option<BTreeMap<&'static str, String>> {
        let decode = |text: &str| match router {
            Router::AspNet => percent_decode_str(text).decode_utf8_lossy().into_owned(),
            Router::Flask => text.to_owned(),
        };
        let mut path = BTreeMap::new();
        let mut rest = segments;
        for (n, segment) in self.template.iter().enumerate() {
            let take = match segment {
                Segment::Path(_) => rest.len().checked_sub(self.template.len() - n - 1).filter(|take| *take > 0)?,
                _ => 1,
            };
            if rest.len() < take {
                return None;
            }
            let (these, left) = rest.split_at(take);
            rest = left;
            match segment {
                Segment::Is(name) => match router {
                    Router::AspNet if these[0].eq_ignore_ascii_case(name) => {}
                    Router::Flask if these[0] == *name => {}
                    _ => return None,
                },
                Segment::One(name) | Segment::Path(name) => {
                    let value = decode(&these.join("/"));
                    let is_one = matches!(segment, Segment::One(_));
                    let misses = value.is_empty() || value.starts_with('/') || (is_one && value.contains('/'));
                    if router == Router::Flask && misses {
                        return None;
                    }
                    path.insert(*name, value);
                }
            }
        }
        rest.is_empty().then_some(path)
    }
}

pub(crate) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.char_indices().all(|(at, c)| match at {
            8 | 13 | 18 | 23 => c == '-',
            _ => c.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn matched(method: Method, path: &str) -> Option<(&'static str, BTreeMap<&'static str, String>)> {
        Document::coscine().operation(&method, path).ok().map(|it| (it.id, it.path))
    }

    #[test]
    fn every_operation_is_found_by_its_own_template() {
        let document = Document::coscine();
        assert_eq!(document.routes.len(), 148);
        for (path, item) in document.json["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let method = method.to_ascii_uppercase().parse().unwrap();
                let found = document.operation(&method, &path.replace(['{', '}'], "")).ok().unwrap();
                if let Some(id) = operation["operationId"].as_str() {
                    assert_eq!(found.id, id, "{path}");
                }
            }
        }
    }

    #[test]
    fn a_file_path_may_hold_slashes_written_either_way() {
        let base = "/api/v2/projects/p/resources/r";
        for path in ["a%20b/c%2520.txt", "a%20b%2Fc%2520.txt"] {
            let (id, parameters) = matched(Method::GET, &format!("{base}/storage/{path}/content")).unwrap();
            assert_eq!((id, parameters["encodedPath"].as_str()), ("GetStorageRaw", "a b/c%20.txt"));
        }
        assert_eq!(
            matched(Method::GET, &format!("{base}/graphs/metadata/content")).unwrap().0,
            "GetResourceGraphContent"
        );
        assert_eq!(matched(Method::GET, &format!("{base}/graphs/a/metadata/content")).unwrap().0, "GetMetadataContent");
        assert!(matched(Method::GET, "/api/v2/nothing").is_none());
    }

    #[test]
    fn a_uri_in_a_path_may_be_encoded_or_not() {
        let matched = |method, path: &str| {
            let found = Document::dserver(Release::Next).operation(&method, path).ok();
            found.map(|it| (it.id, it.path.get("uri").cloned().unwrap_or_default()))
        };
        let found = |id: &'static str, uri: &str| Some((id, uri.to_owned()));
        for path in ["s3%3A%2F%2Fbucket%2Fa%20b", "s3://bucket/a%20b"] {
            assert_eq!(matched(Method::GET, &format!("/uris/{path}")), found("get_dataset", "s3://bucket/a b"));
        }
        assert_eq!(matched(Method::PUT, "/annotations/s3%3A%2F%2Fb%2Fu/n"), found("set_annotation", "s3://b/u"));
        assert_eq!(matched(Method::PUT, "/annotations/s3%3A%2F%2Fb%2Fu"), found("replace_annotations", "s3://b/u"));
        assert_eq!(matched(Method::GET, "/uris"), found("list_datasets", ""));
        assert_eq!(matched(Method::GET, "/uris/"), None);
        assert_eq!(matched(Method::PUT, "/tags/s3/b/u"), found("replace_tags", "s3/b/u"));
        assert_eq!(matched(Method::POST, "/tags/s3/b/u/red"), found("add_tag", "s3/b/u"));
        assert_eq!(matched(Method::GET, "/signed-urls/item/s3/b/u/id"), found("sign_item", "s3/b/u"));
        assert_eq!(matched(Method::POST, "/signed-urls/upload-complete"), found("complete_upload", ""));
    }

    #[test]
    fn each_release_has_its_operations() {
        let ids = |release| Document::dserver(release).routes.iter().map(|it| it.id).collect::<Vec<_>>();
        assert_eq!((ids(Release::Released).len(), ids(Release::Next).len()), (29, 29 + 18));
        for id in ids(Release::Released) {
            assert!(id.contains('_') || id == "notify", "{id} is the client's name");
        }
    }

    #[test]
    fn what_breaks_the_document_is_named() {
        let document = Document::coscine();
        let list = document.operation(&Method::GET, "/api/v2/projects").ok().unwrap();
        let query = |name: &str, value: &str| document.violations(&list, &[(name.into(), value.into())], None);
        assert!(query("PageSize", "50").is_empty());
        assert!(query("pagesize", "50")[0].contains("unknown"));
        assert!(query("PageSize", "many")[0].contains("no integer"));
        let create = document.operation(&Method::POST, "/api/v2/projects/p/resources").ok().unwrap();
        let found = document.body_violations(&create, &json!({ "name": "", "resourceTypeId": "x", "colour": 1 }));
        for part in ["body.name is too short", "body.resourceTypeId is no UUID", "body.disciplines is missing"] {
            assert!(found.iter().any(|it| it.contains(part)), "{part}: {found:?}");
        }
    }
}
