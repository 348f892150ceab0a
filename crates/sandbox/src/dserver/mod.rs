//! dserver: the index of dtool datasets, from memory. Version 0.22.0 with its plugins, and the release that comes next.
//!
//! It answers as that server does, its oddities among them, but for what are plainly mistakes there: those are listed, and
//! shown to differ, in `tests/tests/dserver_parity.rs`.

mod aggregate;
mod answer;
mod base_uris;
mod config;
mod datasets;
mod descriptive;
mod graph;
mod input;
mod mongo;
mod page;
mod permissions;
mod presign;
mod query;
mod seed;
mod signed_urls;
mod state;
mod storage;
mod summary;
mod text;
mod token;
mod token_generator;
mod users;
mod webhook;
mod yaml;

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Limited};
use serde_json::{Value, json};

use crate::{
    Body,
    answer::{Answer, ContractViolation},
    document::{Document, Matched},
    server::{Serves, Side},
};
use answer::problem;
use state::State;
pub(crate) use storage::Storage;
pub(crate) use token::Issuer;
pub(crate) use token_generator::{OPERATIONS as TOKEN_OPERATIONS, TokenGenerator};

/// The password of all users at the token generator.
pub(crate) const PASSWORD: &str = "test_password";

/// The largest body of a request, in bytes.
const LARGEST_BODY: usize = 64 << 20;

/// Which dserver the sandbox is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Release {
    /// 0.22.0 and its plugins as they are on PyPI: 29 operations.
    #[default]
    Released,
    /// What is to come: 18 operations more, which write what describes a dataset, and sign URLs to its content.
    Next,
}

/// What it holds at the start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setup {
    pub release: Release,
    pub datasets: usize,
}

/// The service; clones share its state.
#[derive(Clone)]
pub(crate) struct Service(Arc<Inner>);

struct Inner {
    state: Mutex<State>,
    release: Release,
    issuer: Arc<Issuer>,
    storage: Storage,
    /// How long a signed URL is good.
    signed_for: Duration,
}

/// A request to one of the operations, by whoever it may be.
struct Ask {
    id: &'static str,
    path: BTreeMap<&'static str, String>,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    /// JSON, if there is any.
    body: Option<Value>,
}

impl Ask {
    fn path(&self, name: &str) -> &str {
        self.path.get(name).map_or("", String::as_str)
    }
}

/// What ends an operation early.
type Refused<T = Answer> = Result<T, Answer>;

impl Service {
    /// A service that holds what `setup` says; tokens are good that `issuer` has made, and URLs that are signed for so long.
    pub(crate) fn new(setup: Setup, issuer: Arc<Issuer>, storage: Storage, signed_for: Duration) -> io::Result<Self> {
        let state = seed::state(setup);
        if storage.is_open() {
            // Who has keys may come without asking here.
            for dataset in &state.datasets {
                if let Some(place) = storage::Place::of(&dataset.uri) {
                    storage.lay_out(&place, dataset)?;
                }
            }
        }
        let state = Mutex::new(state);
        Ok(Self(Arc::new(Inner { state, release: setup.release, issuer, storage, signed_for })))
    }

    /// Users, and a token of each that is good for a year.
    pub(crate) fn tokens(&self) -> Vec<(String, String)> {
        let users = self.state().users.iter().map(|user| user.name.clone()).collect::<Vec<_>>();
        users.into_iter().map(|user| (user.clone(), self.0.issuer.issue(&user, token::YEAR))).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn document(&self) -> &'static Document {
        Document::dserver(self.0.release)
    }

    /// As Flask does, who asks for the head is answered as who asks for all.
    fn matched(&self, method: &Method, path: &str) -> Result<Matched, Vec<&Method>> {
        self.document().operation(if method == Method::HEAD { &Method::GET } else { method }, path)
    }

    fn is_next(&self) -> bool {
        self.0.release == Release::Next
    }

    async fn call(&self, request: Request<Body>) -> Answer {
        let (parts, body) = request.into_parts();
        let matched = match self.matched(&parts.method, parts.uri.path()) {
            Ok(matched) => matched,
            Err(others) if others.is_empty() => return problem(StatusCode::NOT_FOUND),
            Err(_) => return problem(StatusCode::METHOD_NOT_ALLOWED),
        };
        let query = parts.uri.query().unwrap_or_default();
        let query: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let media = parts.headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok());
        // What breaks the document is told; what is answered is dserver's own business.
        let mut violations = self.document().violations(&matched, &query, media);
        let Ok(body) = Limited::new(body, LARGEST_BODY).collect().await else {
            return problem(StatusCode::PAYLOAD_TOO_LARGE);
        };
        let body = body.to_bytes();
        let is_json = media.is_some_and(|media| media.split(';').next().is_some_and(|it| it.trim().ends_with("json")));
        let body = match serde_json::from_slice(&body) {
            // It reads no body that is not said to be JSON.
            _ if !is_json || body.is_empty() => None,
            Ok(json) => {
                violations.extend(self.document().body_violations(&matched, &json));
                Some(json)
            }
            Err(_) => return input::broken_json(),
        };
        let Matched { id, path, .. } = matched;
        let ask = Ask { id, path, query, headers: parts.headers, body };
        let mut answer = self.dispatch(&ask).unwrap_or_else(|refused| refused);
        if !violations.is_empty() {
            answer.extensions_mut().insert(ContractViolation(violations));
        }
        answer
    }

    fn dispatch(&self, ask: &Ask) -> Refused {
        match ask.id {
            "get_config" => self.config(ask),
            "get_versions" => Ok(self.versions()),
            "list_datasets" | "search_datasets" => self.search(ask),
            "get_dataset" => self.dataset(ask),
            "register_dataset" => self.register_dataset(ask),
            "delete_dataset" => self.delete_dataset(ask),
            "lookup_dataset" => self.lookup(ask),
            "get_me" => self.me(ask),
            "get_my_summary" => self.my_summary(ask),
            "get_user_summary" => self.user_summary(ask),
            "list_users" => self.list_users(ask),
            "get_user" => self.user(ask),
            "register_user" => self.register_user(ask),
            "delete_user" => self.delete_user(ask),
            "list_base_uris" => self.list_base_uris(ask),
            "get_base_uri" => self.base_uri(ask),
            "register_base_uri" => self.register_base_uri(ask),
            "delete_base_uri" => self.delete_base_uri(ask),
            "get_readme" | "get_manifest" | "get_tags" | "get_annotations" => self.descriptive(ask),
            "query_datasets" => self.query(ask),
            "aggregate_datasets" => self.aggregate(ask),
            "get_graph" | "query_graph" => self.graph(ask),
            "notify" | "notify_path" => webhook::notify(ask),
            "get_health" => Ok(answer::ok(&json!({ "status": "ok" }))),
            "update_me" => self.update_me(ask),
            "update_user" => self.update_user(ask),
            "grant_search" | "revoke_search" | "grant_register" | "revoke_register" => self.permission(ask),
            "replace_readme"
            | "replace_tags"
            | "add_tag"
            | "remove_tag"
            | "replace_annotations"
            | "set_annotation"
            | "remove_annotation" => self.describe(ask),
            "sign_dataset" => self.sign_dataset(ask),
            "sign_item" => self.sign_item(ask),
            "sign_upload" => self.sign_upload(ask),
            "complete_upload" => self.complete_upload(ask),
            _ => Ok(problem(StatusCode::NOT_IMPLEMENTED)),
        }
    }

    /// Who asks: a user with a good token, known to the server or not.
    fn identity(&self, ask: &Ask) -> Refused<String> {
        self.0.issuer.identity(&ask.headers)
    }

    /// The same, and known.
    fn known(&self, ask: &Ask, state: &State) -> Refused<String> {
        let name = self.identity(ask)?;
        if state.user(&name).is_none() {
            return Err(problem(StatusCode::UNAUTHORIZED));
        }
        Ok(name)
    }

    /// The same, and an administrator.
    fn admin(&self, ask: &Ask, state: &State) -> Refused<String> {
        let name = self.known(ask, state)?;
        if !state.user(&name).is_some_and(|user| user.is_admin) {
            return Err(problem(StatusCode::FORBIDDEN));
        }
        Ok(name)
    }
}

impl Serves for Service {
    const SIDE: Side = Side::Api;

    fn operation(&self, method: &Method, path: &str) -> &'static str {
        self.matched(method, path).map_or("unknown", |it| it.id)
    }

    fn user(&self, headers: &HeaderMap) -> Option<String> {
        self.0.issuer.identity(headers).ok()
    }

    fn serve(&self, request: Request<Body>) -> impl Future<Output = Answer> + Send {
        self.call(request)
    }

    fn unauthorized(&self) -> Answer {
        answer::told(StatusCode::UNAUTHORIZED, "Token has expired")
    }
}
