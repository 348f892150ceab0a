//! Base URIs and who may do what there.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{
    Ask, Refused, Service, answer,
    answer::problem,
    datasets::texts,
    input::{self, Field, Kind},
    page::{Page, PastTheEnd, Sort},
    state::{BaseUri, State, uri_of},
};

static PERMISSIONS: [Field; 3] = [
    Field::new("base_uri", Kind::Short(255)).nullable(),
    Field::new("users_with_search_permissions", Kind::List(&Kind::Text)),
    Field::new("users_with_register_permissions", Kind::List(&Kind::Text)),
];

impl Service {
    pub(super) fn list_base_uris(&self, ask: &Ask) -> Refused {
        let sort = Sort::of(ask, &["base_uri"], "base_uri")?;
        let page = Page::of(ask)?;
        let state = self.state();
        self.admin(ask, &state)?;
        let mut found: Vec<&BaseUri> = state.base_uris.iter().collect();
        sort.apply(&mut found, |it, _| it.uri.as_str().into());
        Ok(sort.tell(page.answer(&found, PastTheEnd::Missing, |it| json!({ "base_uri": it.uri }))))
    }

    pub(super) fn base_uri(&self, ask: &Ask) -> Refused {
        let state = self.state();
        self.admin(ask, &state)?;
        let found = state.base_uri(&uri_of(ask.path("base_uri")));
        let base_uri = found.ok_or_else(|| problem(StatusCode::NOT_FOUND))?;
        Ok(answer::ok(&json!({
            "base_uri": base_uri.uri, "users_with_search_permissions": base_uri.search,
            "users_with_register_permissions": base_uri.register,
        })))
    }

    pub(super) fn register_base_uri(&self, ask: &Ask) -> Refused {
        let given = input::body(ask, &PERMISSIONS)?;
        let mut state = self.state();
        self.admin(ask, &state)?;
        let uri = uri_of(ask.path("base_uri"));
        let search = known_users(&state, &given, "users_with_search_permissions");
        let register = known_users(&state, &given, "users_with_register_permissions");
        let status = match state.base_uri_mut(&uri) {
            Some(old) => {
                (old.search, old.register) = (search, register);
                StatusCode::OK
            }
            None => {
                state.base_uris.push(BaseUri { uri, search, register });
                StatusCode::CREATED
            }
        };
        Ok(answer::done(status))
    }

    pub(super) fn delete_base_uri(&self, ask: &Ask) -> Refused {
        let mut state = self.state();
        self.admin(ask, &state)?;
        let uri = uri_of(ask.path("base_uri"));
        if state.datasets.iter().any(|it| it.base_uri == uri) {
            return Err(answer::message(StatusCode::CONFLICT, "There are datasets at this base URI."));
        }
        state.base_uris.retain(|it| it.uri != uri);
        Ok(answer::done(StatusCode::OK))
    }
}

/// Those of a list of names who are users; the others are passed over in silence.
fn known_users(state: &State, given: &Map<String, Value>, field: &str) -> Vec<String> {
    let mut names = given.get(field).map(texts).unwrap_or_default();
    names.retain(|it| state.user(it).is_some());
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|it| seen.insert(it.clone()));
    names
}
