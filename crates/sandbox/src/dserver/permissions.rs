//! What the coming release lets one change of users: single fields, and single permissions.

use http::StatusCode;
use serde_json::{Map, Value};

use super::{
    Ask, Refused, Service, answer,
    answer::problem,
    input::{self, Field, Kind},
    state::{User, uri_of},
};

static ME: [Field; 1] = [Field::new("display_name", Kind::Text).nullable()];

static USER: [Field; 2] =
    [Field::new("is_admin", Kind::Truth).nullable(), Field::new("display_name", Kind::Text).nullable()];

impl Service {
    pub(super) fn update_me(&self, ask: &Ask) -> Refused {
        let given = input::body(ask, &ME)?;
        let mut state = self.state();
        let name = self.known(ask, &state)?;
        if let Some(user) = state.user_mut(&name) {
            update(user, &given);
        }
        Ok(answer::ok(&self.user_info(&state, &name)))
    }

    pub(super) fn update_user(&self, ask: &Ask) -> Refused {
        let given = input::body(ask, &USER)?;
        let mut state = self.state();
        self.admin(ask, &state)?;
        let name = ask.path("username");
        update(state.user_mut(name).ok_or_else(|| problem(StatusCode::NOT_FOUND))?, &given);
        Ok(answer::ok(&self.user_info(&state, name)))
    }

    /// Grants or revokes. To grant what is granted is a conflict, to revoke what is not is none.
    pub(super) fn permission(&self, ask: &Ask) -> Refused {
        let mut state = self.state();
        self.admin(ask, &state)?;
        let (name, uri) = (ask.path("username"), uri_of(ask.path("base_uri")));
        let is_user = state.user(name).is_some();
        let base_uri = state.base_uri_mut(&uri).filter(|_| is_user).ok_or_else(|| problem(StatusCode::NOT_FOUND))?;
        let of_search = matches!(ask.id, "grant_search" | "revoke_search");
        let names = if of_search { &mut base_uri.search } else { &mut base_uri.register };
        let is_granted = names.iter().any(|it| it == name);
        match ask.id {
            "grant_search" | "grant_register" if is_granted => return Err(problem(StatusCode::CONFLICT)),
            "grant_search" | "grant_register" => names.push(name.to_owned()),
            _ => names.retain(|it| it != name),
        }
        Ok(answer::ok(&self.user_info(&state, name)))
    }
}

/// Changes what is told. Null takes a name away, and says nothing of who is an administrator.
fn update(user: &mut User, given: &Map<String, Value>) {
    user.is_admin = given.get("is_admin").and_then(Value::as_bool).unwrap_or(user.is_admin);
    if let Some(name) = given.get("display_name") {
        user.display_name = name.as_str().map(str::to_owned);
    }
}
