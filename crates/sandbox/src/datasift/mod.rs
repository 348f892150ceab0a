//! DataSift: its API, ingestion and live streams on one port, from memory.
//!
//! Written from what was recorded of the service and from what its clients did, oddities among it: types that change, two
//! kinds of 403, headers whose meanings are exchanged. Where nothing is known, it is strict and says why.

mod account;
mod answer;
mod ask;
mod core;
mod credits;
mod csdl;
mod handle;
mod historics;
mod ingest;
mod live;
mod push;
mod pylon;
mod routes;
mod seed;
mod setup;
mod sources;
mod state;
mod task;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Limited};
use serde_json::{Map, Value, json};

use crate::{
    Body,
    answer::Answer,
    server::{Serves, Side},
};
use answer::{error, missing};
use ask::{Ask, Refused, Who};
use credits::put;
pub use handle::Datasift;
use live::{Form, Greeting, Live};
pub(crate) use routes::has as has_operation;
use routes::{Place, Route};
pub use setup::{Limited as CreditsRefusal, Options};
use state::State;

/// Who the account is.
const USER: &str = "ada";
/// Its key.
const KEY: &str = "5a4db0c5000000000000000000000ada";

/// The largest body of a request, in bytes.
const LARGEST_BODY: usize = 32 << 20;

/// The service; clones share its state.
#[derive(Clone)]
pub(crate) struct Service(Arc<Inner>);

struct Inner {
    options: Options,
    state: Mutex<State>,
    live: Arc<Live>,
}

impl Service {
    fn new(options: Options) -> Self {
        let (state, live) = (Mutex::new(seed::state(&options)), Arc::new(Live::new(options.backlog)));
        Self(Arc::new(Inner { options, state, live }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who a user's name and a key belong to; both as they are written, case and all.
    fn who(&self, user: &str, key: &str) -> Option<Who> {
        if user != USER {
            return None;
        }
        if key == KEY {
            return Some(Who::Account);
        }
        let state = self.state();
        let identity = state.identities.iter().find(|it| it.api_key == key && it.status == "active");
        identity.map(|it| Who::Identity(it.id.clone()))
    }

    fn by_headers(&self, headers: &HeaderMap) -> Option<Who> {
        let (user, key) = credentials(headers)?.split_once(':')?;
        self.who(user, key)
    }

    async fn call(&self, request: Request<Body>) -> Answer {
        match routes::place(request.method(), request.uri().path()) {
            Place::Nowhere => missing("Endpoint not found"),
            Place::WrongVerb => error(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed"),
            Place::One(hash) => self.listen(Form::One(hash), request),
            Place::Many => self.listen(Form::Many, request),
            Place::Ingest(source) => {
                if self.by_headers(request.headers()).is_none() {
                    return unauthorized();
                }
                match Limited::new(request.into_body(), LARGEST_BODY).collect().await {
                    Ok(body) => self.ingest(&source, &body.to_bytes()),
                    Err(_) => error(StatusCode::PAYLOAD_TOO_LARGE, "The request body is too large"),
                }
            }
            Place::Api(route, version, path) => self.api(route, version, path, request).await,
        }
    }

    async fn api(
        &self,
        route: &'static Route,
        version: u8,
        path: BTreeMap<&'static str, String>,
        request: Request<Body>,
    ) -> Answer {
        let (parts, body) = request.into_parts();
        let body = Limited::new(body, LARGEST_BODY).collect().await;
        let Some(who) = self.by_headers(&parts.headers) else { return unauthorized() };
        let standing = match route.cost {
            None => None,
            Some(cost) => match self.state().credits.charge(cost, state::now()) {
                Ok(standing) => Some(standing),
                Err(standing) => {
                    let mut refused = self.out_of_credits();
                    standing.told_in(&mut refused);
                    return refused;
                }
            },
        };
        let mut answer = match body {
            Err(_) => error(StatusCode::PAYLOAD_TOO_LARGE, "The request body is too large"),
            Ok(body) => {
                let query = parts.uri.query().unwrap_or_default();
                ask::given(query, &parts.headers, &body.to_bytes())
                    .and_then(|given| self.dispatch(&Ask { id: route.id, path, given, version, who }))
                    .unwrap_or_else(|refused| refused)
            }
        };
        if let Some(standing) = standing {
            standing.told_in(&mut answer);
        }
        put(&mut answer, "x-api-version", format!("1.{version}"));
        answer
    }

    fn out_of_credits(&self) -> Answer {
        let status = match self.0.options.limited {
            CreditsRefusal::Forbidden => StatusCode::FORBIDDEN,
            CreditsRefusal::TooMany => StatusCode::TOO_MANY_REQUESTS,
        };
        error(status, "You have exceeded your allocated rate limit")
    }

    fn dispatch(&self, ask: &Ask) -> Refused {
        match ask.id {
            "validate" => self.definition(ask, false, false),
            "compile" => self.definition(ask, true, false),
            "validate_pylon" => self.definition(ask, false, true),
            "compile_pylon" => self.definition(ask, true, true),
            "get_usage" => self.usage(ask),
            "get_dpu" => self.dpu(ask),
            "get_balance" => Ok(Self::balance()),
            "pull" => self.pull(ask),
            "get_buffered_stream" => self.buffered(ask),
            "prepare_historics" => self.prepare_historics(ask),
            "start_historics" => self.turn_historics(ask, &["init", "stopped"], "queued"),
            "stop_historics" => self.turn_historics(ask, &["init", "queued", "running", "paused"], "stopped"),
            "pause_historics" => self.turn_historics(ask, &["queued", "running"], "paused"),
            "resume_historics" => self.turn_historics(ask, &["paused"], "running"),
            "update_historics" => self.update_historics(ask),
            "delete_historics" => self.delete_historics(ask),
            "get_historics_status" => Self::historics_status(ask),
            "list_historics" => self.list_historics(ask),
            "create_preview" => self.create_preview(ask),
            "get_preview" => self.preview(ask),
            "validate_push" => Self::validate_push(ask),
            "create_push" => self.create_push(ask),
            "pause_push" => self.turn_push(ask, "paused"),
            "resume_push" => self.turn_push(ask, "active"),
            "stop_push" => self.turn_push(ask, "finishing"),
            "delete_push" => self.delete_push(ask),
            "update_push" => self.update_push(ask),
            "list_push_log" => self.push_log(ask),
            "list_push" => self.list_push(ask),
            "create_source" => self.create_source(ask),
            "update_source" => self.update_source(ask),
            "start_source" => self.turn_source(ask, "active"),
            "stop_source" => self.turn_source(ask, "stopped"),
            "delete_source" => self.delete_source(ask),
            "list_source_log" => self.source_log(ask),
            "list_sources" => self.list_sources(ask),
            "add_source_resources" => self.add_resources(ask),
            "remove_source_resources" => self.remove_resources(ask),
            "add_source_auth" => self.add_auth(ask),
            "remove_source_auth" => self.remove_auth(ask),
            "get_account_usage" => Self::account_usage(ask),
            "list_identities" => self.list_identities(ask),
            "create_identity" => self.create_identity(ask),
            "get_identity" => self.identity(ask),
            "update_identity" => self.update_identity(ask),
            "delete_identity" => self.delete_identity(ask),
            "list_tokens" => self.list_tokens(ask),
            "create_token" => self.create_token(ask),
            "get_token" => self.token(ask),
            "update_token" => self.update_token(ask),
            "delete_token" => self.delete_token(ask),
            "list_limits" => self.list_limits(ask),
            "create_limit" => self.create_limit(ask),
            "get_limit" => self.limit(ask),
            "update_limit" => self.update_limit(ask),
            "delete_limit" => self.delete_limit(ask),
            "start_pylon" => self.start_recording(ask),
            "stop_pylon" => self.stop_recording(ask),
            "update_pylon" => self.update_recording(ask),
            "analyze_pylon" => self.analyze(ask),
            "get_pylon" => self.recordings(ask),
            "list_pylon_tags" => self.tags(ask),
            "sample_pylon" => self.sample(ask),
            "list_pylon_references" => Self::references(ask),
            "get_pylon_reference" => Self::reference(ask),
            "create_pylon_task" => self.create_task(ask),
            "get_pylon_task" => self.task(ask),
            "list_pylon_tasks" => self.list_tasks(ask),
            other => unreachable!("{other} has a route"),
        }
    }

    /// A stream, over whatever the request asks for.
    fn listen(&self, form: Form, request: Request<Body>) -> Answer {
        let query: BTreeMap<String, String> =
            url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()).into_owned().collect();
        let value = |name: &str| query.get(name).map_or("", String::as_str);
        if self.by_headers(request.headers()).or_else(|| self.who(value("username"), value("api_key"))).is_none() {
            return unauthorized();
        }
        let is_socket = live::is_asked(request.headers());
        let asked: Vec<String> = match &form {
            Form::One(hash) => vec![hash.clone()],
            Form::Many => value("hashes").split(',').filter(|it| !it.is_empty()).map(str::to_lowercase).collect(),
        };
        let (known, unknown): (BTreeSet<String>, BTreeSet<String>) =
            asked.into_iter().partition(|hash| self.state().streams.contains_key(hash));
        let mut words: Vec<String> = known.iter().map(|it| live::subscribed(it)).collect();
        let is_last = form != Form::Many && !unknown.is_empty();
        let kind = if is_last { "failure" } else { "warning" };
        words.extend(unknown.iter().map(|it| live::unknown(kind, it)));
        if is_last && !is_socket {
            let text: Value = words.first().and_then(|it| serde_json::from_str(it).ok()).unwrap_or_default();
            return answer::given(StatusCode::NOT_FOUND, &text);
        }
        let statuses = ["true", "1"].contains(&value("statuses"));
        let connection = self.0.live.join(form, known);
        let service = self.clone();
        let is_known: live::Known = Arc::new(move |hash: &str| service.state().streams.contains_key(hash));
        let options = &self.0.options;
        if is_socket {
            let pace = live::Pace { tick_after: options.tick_after, ping_every: options.ping_every };
            return live::socket(request, connection, Greeting { words, is_last }, pace, is_known);
        }
        live::chunked(request.into_body(), connection, words, statuses, options.tick_after, is_known)
    }

    /// Tells all that listen to a stream what it has found; says how many listen now.
    fn interact(&self, hash: &str, data: &Value) -> usize {
        let hash = hash.to_lowercase();
        self.state().found(&hash, data);
        self.0.live.publish(&hash, data)
    }

    fn delete(&self, hash: &str, id: &str) -> usize {
        self.0.live.publish(&hash.to_lowercase(), &json!({ "deleted": true, "interaction": { "id": id } }))
    }

    /// Makes something up for each stream that anybody waits for. Every tenth time, what came before is taken back.
    fn make_up(&self) {
        let listened = self.0.live.subscriptions().into_iter().flatten();
        let wanted: BTreeSet<String> = {
            let state = self.state();
            let pulled = state.subscriptions.iter().filter(|it| !it.is_historic && it.status == "active");
            listened.chain(pulled.map(|it| it.hash.clone())).collect()
        };
        for hash in wanted {
            let mut state = self.state();
            let number = state.number();
            let Some(stream) = state.streams.get_mut(&hash) else { continue };
            stream.made_up += 1;
            let (word, is_taken_back) = (stream.word.clone(), stream.made_up.is_multiple_of(10));
            drop(state);
            let data = live::made_up(number, &word, chrono::Utc::now());
            self.interact(&hash, &data);
            if is_taken_back {
                self.delete(&hash, data["interaction"]["id"].as_str().unwrap_or_default());
            }
        }
    }

    fn tell_reconnect(&self) -> usize {
        self.0.live.tell_all(&live::Message::Json(json!({ "reconnect": true }).to_string().into()))
    }

    fn warn_slow(&self) -> usize {
        self.0.live.tell_all(&live::Message::Json(live::too_slow().into()))
    }

    fn tick(&self) -> usize {
        self.0.live.tell_all(&live::Message::Json(live::tick()))
    }

    fn ping(&self) -> usize {
        self.0.live.tell_all(&live::Message::Ping)
    }
}

/// `user:key`, in the header that PHP sends or in the one that all others do.
fn credentials(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION).or_else(|| headers.get("auth"))?.to_str().ok()
}

fn unauthorized() -> Answer {
    error(StatusCode::UNAUTHORIZED, "Authorization failed")
}

impl Serves for Service {
    const SIDE: Side = Side::Api;
    const TITLE_CASE: bool = true;

    fn operation(&self, method: &Method, path: &str) -> &'static str {
        match routes::place(method, path) {
            Place::Api(route, ..) => route.id,
            Place::Ingest(_) => routes::INGEST,
            Place::One(_) | Place::Many => routes::STREAM,
            Place::WrongVerb | Place::Nowhere => "unknown",
        }
    }

    fn user(&self, headers: &HeaderMap) -> Option<String> {
        credentials(headers).map(str::to_owned)
    }

    async fn serve(&self, request: Request<Body>) -> Answer {
        self.call(request).await
    }

    fn page(&self, status: StatusCode) -> Option<(&'static str, String)> {
        let reason = status.canonical_reason().unwrap_or_default();
        if status.is_client_error() {
            return Some(("application/json", json!({ "error": reason }).to_string()));
        }
        let title = format!("{} {reason}", status.as_u16());
        let head = format!("<html>\r\n<head><title>{title}</title></head>\r\n<body bgcolor=\"white\">\r\n");
        let body = format!("<center><h1>{title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n");
        status.is_server_error().then(|| ("text/html", head + &body))
    }

    /// `POST /_sandbox/interact?hash=H` with an interaction, `delete?hash=H&id=I`, `cut`, `tick`, `ping`, `reconnect`,
    /// `slow`: all say how many heard it. `live` gives what each connection listens to, the count of connections and
    /// that of pongs; `credits?left=N` sets what is left.
    fn control(&self, what: &str, query: &str, body: &Bytes) -> Option<Answer> {
        let query: BTreeMap<_, _> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let value = |name: &str| query.get(name).map_or("", String::as_str);
        let heard = match what {
            "interact" => self.interact(value("hash"), &serde_json::from_slice(body).ok()?),
            "delete" => self.delete(value("hash"), value("id")),
            "cut" => self.0.live.cut(),
            "tick" => self.tick(),
            "ping" => self.ping(),
            "reconnect" => self.tell_reconnect(),
            "slow" => self.warn_slow(),
            "live" => {
                let live = &self.0.live;
                let (open, made, pongs) = (live.subscriptions(), live.made(), live.pongs());
                return Some(answer::ok(&json!({ "open": open, "made": made, "pongs": pongs })));
            }
            "credits" => {
                self.state().credits.set(value("left").parse().ok()?, state::now());
                return Some(answer::ok(&Value::Object(Map::new())));
            }
            _ => return None,
        };
        Some(answer::ok(&heard.into()))
    }

    fn unauthorized(&self) -> Answer {
        unauthorized()
    }
}
