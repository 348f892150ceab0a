//! Datasets: lists, searches, lookups, and what is registered.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{
    Ask, Refused, Service, answer,
    answer::problem,
    input::{self, Field, Kind},
    page::{Page, PastTheEnd, Sort},
    state::{Dataset, base_of, uri_of},
    text::Search,
};

pub(super) const SORT_FIELDS: [&str; 7] =
    ["base_uri", "created_at", "creator_username", "frozen_at", "name", "uri", "uuid"];

/// The last is of the coming release.
static SEARCH: [Field; 6] = [
    Field::new("free_text", Kind::Text),
    Field::new("creator_usernames", Kind::List(&Kind::Text)),
    Field::new("base_uris", Kind::List(&Kind::Text)),
    Field::new("uuids", Kind::List(&Kind::Uuid)),
    Field::new("tags", Kind::List(&Kind::Text)),
    Field::new("uploaded_by", Kind::List(&Kind::Text)),
];

static ITEM: [Field; 4] = [
    Field::new("hash", Kind::Text),
    Field::new("relpath", Kind::Text),
    Field::new("size_in_bytes", Kind::Integer),
    Field::new("utc_timestamp", Kind::Float),
];

static MANIFEST: [Field; 3] = [
    Field::new("items", Kind::MapOf(&Kind::Fields(&ITEM))),
    Field::new("hash_function", Kind::Text),
    Field::new("dtoolcore_version", Kind::Text),
];

static REGISTER: [Field; 14] = [
    Field::new("uuid", Kind::Uuid),
    Field::new("base_uri", Kind::Text),
    Field::new("uri", Kind::Text),
    Field::new("name", Kind::Text),
    Field::new("type", Kind::Text),
    Field::new("readme", Kind::Text),
    Field::new("manifest", Kind::Fields(&MANIFEST)),
    Field::new("creator_username", Kind::Text),
    Field::new("frozen_at", Kind::Text),
    Field::new("created_at", Kind::Text),
    Field::new("annotations", Kind::Map),
    Field::new("tags", Kind::List(&Kind::Text)),
    Field::new("number_of_items", Kind::Integer),
    Field::new("size_in_bytes", Kind::Integer),
];

/// What must be there of a dataset that is registered.
const NEEDED: [&str; 11] = [
    "uuid",
    "base_uri",
    "uri",
    "name",
    "type",
    "readme",
    "manifest",
    "creator_username",
    "frozen_at",
    "annotations",
    "tags",
];

impl Service {
    pub(super) fn search(&self, ask: &Ask) -> Refused {
        let fields = if self.is_next() { &SEARCH[..] } else { &SEARCH[..5] };
        let query = if ask.id == "list_datasets" { input::query(ask, fields) } else { input::body(ask, fields) }?;
        let sort = Sort::of(ask, &SORT_FIELDS, "uri")?;
        let page = Page::of(ask)?;
        let state = self.state();
        let user = self.known(ask, &state)?;
        // The database answers what asks for all, the search plugin the rest.
        if query.is_empty() {
            let mut found: Vec<&Dataset> = state.seen_by(&user).collect();
            sort.apply(&mut found, |it, field| it.field(field));
            return Ok(sort.tell(page.answer(&found, PastTheEnd::Missing, |it| it.sql_row(self.is_next()))));
        }
        let allowed = state.searchable(&user);
        let wanted = query.get("base_uris").and_then(Value::as_array);
        let is_wanted = |uri: &&str| wanted.is_none_or(|wanted| wanted.iter().any(|it| it == uri));
        if !allowed.iter().any(is_wanted) {
            // Who may search nothing is told of no page.
            return Ok(sort.tell(answer::ok(&json!([]))));
        }
        let mut found: Vec<&Dataset> = state.seen_by(&user).filter(criteria(&query)).collect();
        sort.apply(&mut found, |it, field| it.field(field));
        Ok(sort.tell(page.answer(&found, PastTheEnd::Empty, |it| it.mongo_row())))
    }

    pub(super) fn lookup(&self, ask: &Ask) -> Refused {
        let sort = Sort::of(ask, &SORT_FIELDS, "uri")?;
        let page = Page::of(ask)?;
        let state = self.state();
        let user = self.known(ask, &state)?;
        let mut found: Vec<&Dataset> = state.seen_by(&user).filter(|it| it.uuid == ask.path("uuid")).collect();
        sort.apply(&mut found, |it, field| it.field(field));
        Ok(sort.tell(page.answer(&found, PastTheEnd::Missing, |it| it.sql_row(self.is_next()))))
    }

    pub(super) fn dataset(&self, ask: &Ask) -> Refused {
        let state = self.state();
        let user = self.known(ask, &state)?;
        let uri = uri_of(ask.path("uri"));
        if !state.may_search(&user, base_of(&uri)) {
            return Err(problem(StatusCode::FORBIDDEN));
        }
        let found = state.seen_by(&user).find(|it| it.uri == uri);
        let dataset = found.ok_or_else(|| problem(StatusCode::NOT_FOUND))?;
        Ok(answer::ok(&dataset.sql_row(self.is_next())))
    }

    pub(super) fn register_dataset(&self, ask: &Ask) -> Refused {
        let given = input::body(ask, &REGISTER)?;
        let mut state = self.state();
        let user = self.known(ask, &state)?;
        let text = |field: &str| given.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        let bad = || problem(StatusCode::BAD_REQUEST);
        if !given.contains_key("base_uri") {
            return Err(bad());
        }
        let base_uri = text("base_uri");
        if !state.may_register(&user, &base_uri) {
            return Err(problem(StatusCode::FORBIDDEN));
        }
        let complete = NEEDED.iter().all(|it| given.contains_key(*it));
        if text("uri") != uri_of(ask.path("uri")) || !complete || text("type") != "dataset" || base_uri.ends_with('/') {
            return Err(bad());
        }
        let frozen_at = seconds(&text("frozen_at")).ok_or_else(bad)?;
        let created_at = match given.contains_key("created_at") {
            true => seconds(&text("created_at")).ok_or_else(bad)?,
            false => frozen_at,
        };
        let number = |field: &str| given.get(field).and_then(Value::as_u64);
        let mut more = Map::new();
        more.insert("type".to_owned(), "dataset".into());
        let is_new = state.register(Dataset {
            uri: text("uri"),
            base_uri,
            uuid: text("uuid"),
            name: text("name"),
            creator: text("creator_username"),
            frozen_at,
            created_at,
            number_of_items: number("number_of_items"),
            size_in_bytes: number("size_in_bytes"),
            readme: text("readme"),
            manifest: given["manifest"].clone(),
            annotations: given["annotations"].as_object().cloned().unwrap_or_default(),
            tags: texts(&given["tags"]),
            more,
            ..Dataset::default()
        });
        Ok(answer::done(if is_new { StatusCode::CREATED } else { StatusCode::OK }))
    }

    pub(super) fn delete_dataset(&self, ask: &Ask) -> Refused {
        let mut state = self.state();
        let user = self.known(ask, &state)?;
        let uri = uri_of(ask.path("uri"));
        if !state.may_register(&user, base_of(&uri)) {
            return Err(problem(StatusCode::FORBIDDEN));
        }
        state.datasets.retain(|it| it.uri != uri);
        Ok(answer::done(StatusCode::OK))
    }
}

impl Dataset {
    /// What it has in one of the [`SORT_FIELDS`].
    pub(super) fn field(&self, name: &str) -> Value {
        match name {
            "base_uri" => self.base_uri.as_str().into(),
            "created_at" => self.created_at.into(),
            "creator_username" => self.creator.as_str().into(),
            "frozen_at" => self.frozen_at.into(),
            "name" => self.name.as_str().into(),
            "uuid" => self.uuid.as_str().into(),
            _ => self.uri.as_str().into(),
        }
    }
}

/// Whether a dataset is what a search asks for: in words, by any of the creators, at any of the base URIs, with any of the
/// UUIDs, with all of the tags. An empty list asks for nothing.
pub(super) fn criteria(query: &Map<String, Value>) -> impl Fn(&&Dataset) -> bool {
    let list = |field: &str| query.get(field).map(texts).filter(|it| !it.is_empty());
    let (creators, base_uris) = (list("creator_usernames"), list("base_uris"));
    let (uuids, tags, uploaders) = (list("uuids"), list("tags"), list("uploaded_by"));
    let words = query.get("free_text").and_then(Value::as_str).map(Search::parse);
    move |it: &&Dataset| {
        let is_among =
            |list: &Option<Vec<String>>, value: &String| list.as_ref().is_none_or(|list| list.contains(value));
        words.as_ref().is_none_or(|words| words.finds(it))
            && is_among(&creators, &it.creator)
            && is_among(&base_uris, &it.base_uri)
            && is_among(&uuids, &it.uuid)
            && tags.iter().flatten().all(|tag| it.tags.contains(tag))
            && uploaders.as_ref().is_none_or(|list| it.uploaded.as_ref().is_some_and(|(user, _)| list.contains(user)))
    }
}

pub(super) fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(|it| it.as_str().map(str::to_owned)).collect()
}

fn seconds(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|it: &f64| it.is_finite())
}
