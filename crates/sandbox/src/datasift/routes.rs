//! Which operation a request is: paths, the verbs that clients were seen to use for each, and what a call costs.

use std::collections::BTreeMap;

use http::Method;
use percent_encoding::percent_decode_str;

/// A path of the API and one operation at it.
pub(super) struct Route {
    /// As in the document.
    pub id: &'static str,
    verbs: &'static str,
    path: &'static str,
    /// Credits; `None` for what the rate limit doesn't know.
    pub cost: Option<u64>,
}

const fn at(id: &'static str, verbs: &'static str, path: &'static str, cost: u64) -> Route {
    Route { id, verbs, path, cost: Some(cost) }
}

/// All of them; of two that fit, the first is meant.
pub(super) const ROUTES: &[Route] = &[
    at("validate", "POST GET", "validate", 5),
    at("compile", "POST GET", "compile", 5),
    at("get_usage", "GET POST", "usage", 25),
    at("get_dpu", "GET POST", "dpu", 5),
    at("get_balance", "GET POST", "balance", 25),
    Route { id: "pull", verbs: "GET POST", path: "pull", cost: None },
    at("get_buffered_stream", "POST GET", "stream", 0),
    at("prepare_historics", "POST", "historics/prepare", 25),
    at("start_historics", "POST PUT", "historics/start", 25),
    at("update_historics", "POST PUT", "historics/update", 5),
    at("stop_historics", "POST PUT", "historics/stop", 5),
    at("pause_historics", "POST PUT", "historics/pause", 5),
    at("resume_historics", "POST PUT", "historics/resume", 5),
    at("delete_historics", "POST PUT DELETE", "historics/delete", 25),
    at("get_historics_status", "GET POST", "historics/status", 25),
    at("list_historics", "GET POST", "historics/get", 25),
    at("create_preview", "POST", "preview/create", 25),
    at("get_preview", "GET POST", "preview/get", 5),
    at("validate_push", "POST", "push/validate", 5),
    at("create_push", "POST", "push/create", 5),
    at("pause_push", "POST PUT", "push/pause", 1),
    at("resume_push", "POST PUT", "push/resume", 1),
    at("stop_push", "POST PUT", "push/stop", 1),
    at("delete_push", "POST PUT DELETE", "push/delete", 1),
    at("update_push", "POST PUT", "push/update", 5),
    at("list_push_log", "GET POST", "push/log", 1),
    at("list_push", "GET POST", "push/get", 1),
    at("create_source", "POST", "source/create", 25),
    at("update_source", "POST PUT", "source/update", 25),
    at("start_source", "POST PUT", "source/start", 5),
    at("stop_source", "POST PUT", "source/stop", 5),
    at("delete_source", "DELETE POST PUT", "source/delete", 25),
    at("list_source_log", "GET POST", "source/log", 5),
    at("list_sources", "GET POST", "source/get", 5),
    at("add_source_resources", "POST PUT", "source/resource/add", 25),
    at("remove_source_resources", "POST PUT", "source/resource/remove", 25),
    at("add_source_auth", "POST PUT", "source/auth/add", 25),
    at("remove_source_auth", "POST PUT", "source/auth/remove", 25),
    at("get_account_usage", "GET", "account/usage", 25),
    at("list_identities", "GET", "account/identity", 5),
    at("create_identity", "POST", "account/identity", 5),
    at("get_identity", "GET", "account/identity/{id}", 5),
    at("update_identity", "PUT", "account/identity/{id}", 5),
    at("delete_identity", "DELETE", "account/identity/{id}", 5),
    at("list_limits", "GET", "account/identity/limit/{service}", 25),
    at("create_limit", "POST", "account/identity/{identity_id}/limit", 25),
    at("list_tokens", "GET", "account/identity/{identity_id}/token", 5),
    at("create_token", "POST", "account/identity/{identity_id}/token", 5),
    at("get_token", "GET", "account/identity/{identity_id}/token/{service}", 5),
    at("update_token", "PUT", "account/identity/{identity_id}/token/{service}", 5),
    at("delete_token", "DELETE", "account/identity/{identity_id}/token/{service}", 5),
    at("get_limit", "GET", "account/identity/{identity_id}/limit/{service}", 25),
    at("update_limit", "PUT", "account/identity/{identity_id}/limit/{service}", 25),
    at("delete_limit", "DELETE", "account/identity/{identity_id}/limit/{service}", 25),
    at("validate_pylon", "POST", "pylon/validate", 5),
    at("compile_pylon", "POST", "pylon/compile", 5),
    // The paths of v1.3 and before, without a service.
    at("start_pylon", "POST PUT", "pylon/start", 25),
    at("stop_pylon", "POST PUT", "pylon/stop", 5),
    at("update_pylon", "PUT POST", "pylon/update", 5),
    at("analyze_pylon", "POST", "pylon/analyze", 25),
    at("get_pylon", "GET", "pylon/get", 25),
    at("list_pylon_tags", "GET", "pylon/tags", 25),
    at("sample_pylon", "GET POST", "pylon/sample", 25),
    at("validate_pylon", "POST", "pylon/{service}/validate", 5),
    at("compile_pylon", "POST", "pylon/{service}/compile", 5),
    at("start_pylon", "POST PUT", "pylon/{service}/start", 25),
    at("stop_pylon", "POST PUT", "pylon/{service}/stop", 5),
    at("update_pylon", "PUT POST", "pylon/{service}/update", 5),
    at("analyze_pylon", "POST", "pylon/{service}/analyze", 25),
    at("get_pylon", "GET", "pylon/{service}/get", 25),
    at("list_pylon_tags", "GET", "pylon/{service}/tags", 25),
    at("sample_pylon", "GET POST", "pylon/{service}/sample", 25),
    at("list_pylon_references", "GET", "pylon/{service}/reference", 5),
    at("get_pylon_reference", "GET", "pylon/{service}/reference/{slug}", 5),
    at("create_pylon_task", "POST", "pylon/{service}/task", 25),
    // Deprecated since v1.5, and still what Python asks.
    at("list_pylon_tasks", "GET", "pylon/{service}/task", 5),
    at("list_pylon_tasks", "GET", "pylon/{service}/task/{type}", 5),
    at("get_pylon_task", "GET", "pylon/{service}/task/{type}/{task_id}", 5),
];

/// A batch that is ingested.
pub(super) const INGEST: &str = "ingest";
/// Streams, over chunked HTTP and WebSockets.
pub(super) const STREAM: &str = "stream";

/// Whether a plan of faults may name this.
pub(crate) fn has(id: &str) -> bool {
    [INGEST, STREAM].contains(&id) || ROUTES.iter().any(|route| route.id == id)
}

/// Where a request goes.
pub(super) enum Place {
    /// The API, in this version, and what stands in the path.
    Api(&'static Route, u8, BTreeMap<&'static str, String>),
    /// The path is the API's, the verb isn't.
    WrongVerb,
    /// No version, or a path that it doesn't have.
    Nowhere,
    Ingest(String),
    /// One stream, by hash.
    One(String),
    Many,
}

/// What a path means on the one host that stands for four.
pub(super) fn place(method: &Method, path: &str) -> Place {
    let decoded = |it: &str| percent_decode_str(it).decode_utf8_lossy().into_owned();
    let segments: Vec<String> = path.split('/').filter(|it| !it.is_empty()).map(decoded).collect();
    let (version, rest) = match segments.split_first() {
        Some((first, rest)) => match minor(first) {
            Some(version) => (Some(version), rest),
            None => (None, &segments[..]),
        },
        None => (None, &segments[..]),
    };
    match (version, rest, method) {
        (None, [], &Method::GET) => Place::Many,
        (_, [one], &Method::GET) if one == "multi" => Place::Many,
        (_, [one], &Method::GET) if super::ask::is_hash(one) => Place::One(one.to_lowercase()),
        (None, [source], &Method::POST) => Place::Ingest(source.clone()),
        (Some(version), rest, method) => {
            let mut known = false;
            for route in ROUTES {
                let Some(path) = route.matches(rest) else { continue };
                if route.verbs.split(' ').any(|verb| verb == method.as_str()) {
                    return Place::Api(route, version, path);
                }
                known = true;
            }
            if known { Place::WrongVerb } else { Place::Nowhere }
        }
        _ => Place::Nowhere,
    }
}

/// `v1` is `v1.0`.
fn minor(segment: &str) -> Option<u8> {
    match segment.strip_prefix("v1")? {
        "" => Some(0),
        rest => rest.strip_prefix('.')?.parse().ok().filter(|it| *it <= 6),
    }
}

impl Route {
    fn matches(&self, segments: &[String]) -> Option<BTreeMap<&'static str, String>> {
        let mut found = BTreeMap::new();
        let template: Vec<&'static str> = self.path.split('/').collect();
        if template.len() != segments.len() {
            return None;
        }
        for (template, segment) in template.into_iter().zip(segments) {
            match template.strip_prefix('{').and_then(|it| it.strip_suffix('}')) {
                Some(name) => {
                    found.insert(name, segment.clone());
                }
                None if template == segment => {}
                None => return None,
            }
        }
        Some(found)
    }
}
