//! What the plugin for signed URLs does, of the coming release: it signs for the content of datasets, one way and the other.
//!
//! Only `s3://` can be signed for; of other places it says 501, as the plugin does of storage brokers that can't.

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{SecondsFormat, TimeDelta, Utc};
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::{
    Ask, Refused, Service, answer,
    answer::problem,
    datasets::texts,
    input::{self, Field, Kind},
    seed::{self, DTOOLCORE},
    state::{Dataset, State, base_of, uri_of},
    storage::{Place, file_name},
};

/// An upload may take longer than a download, by so much.
const UPLOADS: u32 = 4;

const MD5: &str = "md5sum_hexdigest";

static ITEM: [Field; 4] = [
    Field::new("relpath", Kind::Text).required(),
    Field::new("size_in_bytes", Kind::Integer).required(),
    Field::new("hash", Kind::Text).required(),
    Field::new("utc_timestamp", Kind::Float).required(),
];

static UPLOAD: [Field; 9] = [
    Field::new("uuid", Kind::Text).required(),
    Field::new("name", Kind::Text).required(),
    Field::new("creator_username", Kind::Text).required(),
    Field::new("frozen_at", Kind::Float).required(),
    Field::new("hash_function", Kind::Text),
    Field::new("items", Kind::List(&Kind::Fields(&ITEM))),
    Field::new("tags", Kind::List(&Kind::Text)),
    Field::new("annotations", Kind::Map),
    Field::new("overlays", Kind::MapOf(&Kind::Map)),
];

static COMPLETE: [Field; 1] = [Field::new("uri", Kind::Text).required()];

/// A dataset that is being uploaded.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub uri: String,
    dataset: Dataset,
    overlays: Map<String, Value>,
}

impl Service {
    pub(super) fn sign_dataset(&self, ask: &Ask) -> Refused {
        let user = self.identity(ask)?;
        let state = self.state();
        let (dataset, place) = self.signable(&state, &user, &uri_of(ask.path("uri")))?;
        let url = |part: &str| self.0.storage.url(Method::GET, &place, part, self.0.signed_for, None);
        let urls = |names: Vec<String>, part: &dyn Fn(&str) -> String| -> Map<String, Value> {
            names.into_iter().map(|name| (name.clone(), url(&part(&name)).into())).collect()
        };
        let items = seed::items(&dataset.manifest).map(|(identifier, _)| identifier.clone()).collect();
        let annotations = dataset.annotations.keys().cloned().collect();
        let overlays = self.0.storage.names(&place, "overlays");
        let mut told = json!({
            "uri": dataset.uri, "admin_metadata_url": url("dtool"), "manifest_url": url("manifest.json"),
            "readme_url": url("README.yml"), "item_urls": urls(items, &|it| format!("data/{it}")),
            "overlay_urls": urls(overlays, &|it| format!("overlays/{it}.json")),
            "annotation_urls": urls(annotations, &|it| format!("annotations/{}.json", file_name(it))), "tags": dataset.tags,
        });
        expires(&mut told, self.0.signed_for);
        Ok(answer::ok(&told))
    }

    pub(super) fn sign_item(&self, ask: &Ask) -> Refused {
        let user = self.identity(ask)?;
        let state = self.state();
        let (dataset, place) = self.signable(&state, &user, &uri_of(ask.path("uri")))?;
        let identifier = ask.path("identifier");
        if !seed::items(&dataset.manifest).any(|(it, _)| it == identifier) {
            return Err(problem(StatusCode::NOT_FOUND));
        }
        let url = self.0.storage.url(Method::GET, &place, &format!("data/{identifier}"), self.0.signed_for, None);
        let mut told = json!({ "uri": dataset.uri, "identifier": identifier, "url": url });
        expires(&mut told, self.0.signed_for);
        Ok(answer::ok(&told))
    }

    /// A dataset whose content can be signed for, to a user who may have it.
    fn signable<'s>(&self, state: &'s State, user: &str, uri: &str) -> Refused<(&'s Dataset, Place)> {
        if !state.may_search(user, base_of(uri)) {
            return Err(problem(StatusCode::FORBIDDEN));
        }
        let dataset = state.dataset(uri).ok_or_else(|| problem(StatusCode::NOT_FOUND))?;
        let not_there = || problem(StatusCode::NOT_IMPLEMENTED);
        let place = Place::of(uri).ok_or_else(not_there)?;
        if !self.0.storage.holds(&place) {
            // Of the seed, it is put there when it is asked for first; else nothing of it is there, or not all.
            let all = seed::items(&dataset.manifest).all(|(it, _)| seed::content_of(dataset, it).is_some());
            if !all || self.0.storage.lay_out(&place, dataset).is_err() {
                return Err(not_there());
            }
        }
        Ok((dataset, place))
    }

    pub(super) fn sign_upload(&self, ask: &Ask) -> Refused {
        let given = input::body(ask, &UPLOAD)?;
        let user = self.identity(ask)?;
        let mut state = self.state();
        let base_uri = uri_of(ask.path("base_uri"));
        if !state.may_register(&user, &base_uri) {
            return Err(problem(StatusCode::FORBIDDEN));
        }
        let text = |field: &str| given.get(field).and_then(Value::as_str).unwrap_or_default();
        let bad = || problem(StatusCode::BAD_REQUEST);
        let uri = format!("{base_uri}/{}", text("uuid"));
        if state.dataset(&uri).is_some() {
            return Err(problem(StatusCode::CONFLICT));
        }
        if !crate::document::is_uuid(text("uuid")) || !is_name(text("name")) {
            return Err(bad());
        }
        let place = Place::of(&uri).ok_or_else(|| problem(StatusCode::NOT_IMPLEMENTED))?;
        let function = given.get("hash_function").and_then(Value::as_str).unwrap_or(MD5);
        let life = self.0.signed_for * UPLOADS;
        let put = |part: &str, md5: Option<&str>| self.0.storage.url(Method::PUT, &place, part, life, md5);
        let (mut items, mut urls, mut size) = (Map::new(), Map::new(), 0);
        for item in given.get("items").and_then(Value::as_array).into_iter().flatten() {
            let path = item["relpath"].as_str().unwrap_or_default();
            let identifier = seed::identifier(path);
            let hash = item["hash"].as_str().unwrap_or_default();
            // The storage takes nothing else then.
            let md5 = if function == MD5 { Some(base64_of(hash).ok_or_else(bad)?) } else { None };
            size += item["size_in_bytes"].as_u64().ok_or_else(bad)?;
            let url = put(&format!("data/{identifier}"), md5.as_deref());
            let headers = md5.map_or_else(|| json!({}), |md5| json!({ "Content-MD5": md5 }));
            urls.insert(identifier.clone(), json!({ "url": url, "relpath": path, "headers": headers }));
            items.insert(identifier, item.clone());
        }
        let mut more = Map::new();
        more.insert("type".to_owned(), "dataset".into());
        more.insert("dtoolcore_version".to_owned(), DTOOLCORE.into());
        let now = Utc::now().timestamp_micros() as f64 / 1e6;
        let object = |field: &str| given.get(field).and_then(Value::as_object).cloned().unwrap_or_default();
        let dataset = Dataset {
            uri: uri.clone(),
            base_uri: base_uri.clone(),
            uuid: text("uuid").to_owned(),
            name: text("name").to_owned(),
            creator: text("creator_username").to_owned(),
            frozen_at: given["frozen_at"].as_f64().unwrap_or(now),
            created_at: now,
            number_of_items: Some(items.len() as u64),
            size_in_bytes: Some(size),
            readme: String::new(),
            manifest: json!({ "dtoolcore_version": DTOOLCORE, "hash_function": function, "items": items }),
            annotations: object("annotations"),
            tags: given.get("tags").map(texts).unwrap_or_default(),
            more,
            uploaded: Some((user, now)),
            ..Dataset::default()
        };
        let mut told = json!({
            "uuid": dataset.uuid, "uri": uri, "base_uri": base_uri,
            "upload_urls": { "readme": put("README.yml", None), "items": urls },
        });
        expires(&mut told, life);
        // Who asks again goes on where it was: what is there stays.
        state.uploads.retain(|it| it.uri != uri);
        state.uploads.push(Pending { uri, dataset, overlays: object("overlays") });
        Ok(answer::ok(&told))
    }

    pub(super) fn complete_upload(&self, ask: &Ask) -> Refused {
        let given = input::body(ask, &COMPLETE)?;
        let user = self.identity(ask)?;
        let mut state = self.state();
        let uri = given["uri"].as_str().unwrap_or_default();
        if !state.may_register(&user, base_of(uri)) {
            return Err(problem(StatusCode::FORBIDDEN));
        }
        let bad = || problem(StatusCode::BAD_REQUEST);
        let at = state.uploads.iter().position(|it| it.uri == uri).ok_or_else(bad)?;
        let place = Place::of(uri).ok_or_else(bad)?;
        let pending = state.uploads[at].clone();
        for (identifier, item) in seed::items(&pending.dataset.manifest) {
            if self.0.storage.size(&place, &format!("data/{identifier}")) != item["size_in_bytes"].as_u64() {
                let path = item["relpath"].as_str().unwrap_or_default();
                return Err(answer::message(
                    StatusCode::BAD_REQUEST,
                    &format!("The item {path} is not there, or not whole."),
                ));
            }
        }
        let Pending { mut dataset, overlays, .. } = pending;
        dataset.readme = self.0.storage.text(&place, "README.yml").unwrap_or_default();
        if self.0.storage.freeze(&place, &dataset, &overlays).is_err() {
            return Err(problem(StatusCode::BAD_GATEWAY));
        }
        let told = json!({ "uri": uri, "status": "registered", "name": dataset.name, "uuid": dataset.uuid });
        state.uploads.remove(at);
        state.register(dataset);
        Ok(answer::ok(&told))
    }
}

fn expires(told: &mut Value, life: Duration) {
    let until = Utc::now() + TimeDelta::seconds(life.as_secs() as i64);
    told["expiry_seconds"] = life.as_secs().into();
    told["expiry_timestamp"] = until.to_rfc3339_opts(SecondsFormat::Micros, true).into();
}

/// Whether dtool takes it for a dataset's name.
fn is_name(name: &str) -> bool {
    (1..=80).contains(&name.len()) && name.bytes().all(|it| it.is_ascii_alphanumeric() || b"_-.".contains(&it))
}

/// An MD5 in base64 that is given in hexadecimal digits.
fn base64_of(hash: &str) -> Option<String> {
    let digits = |at: usize| u8::from_str_radix(hash.get(at..at + 2)?, 16).ok();
    let bytes: Vec<u8> = (0..hash.len()).step_by(2).map(digits).collect::<Option<_>>()?;
    (bytes.len() == 16).then(|| BASE64_STANDARD.encode(bytes))
}
