//! Users.

use http::StatusCode;
use serde_json::{Value, json};

use super::{
    Ask, Refused, Service, answer,
    answer::problem,
    input::{self, Field, Kind},
    page::{Page, PastTheEnd, Sort},
    state::{State, User},
};

/// The last is of the coming release.
static USER: [Field; 3] = [
    Field::new("username", Kind::Short(64)).nullable(),
    Field::new("is_admin", Kind::Truth),
    Field::new("display_name", Kind::Short(255)).nullable(),
];

impl Service {
    pub(super) fn me(&self, ask: &Ask) -> Refused {
        let state = self.state();
        let user = self.known(ask, &state)?;
        Ok(answer::ok(&self.user_info(&state, &user)))
    }

    pub(super) fn list_users(&self, ask: &Ask) -> Refused {
        let sort = Sort::of(ask, &["username", "is_admin"], "username")?;
        let page = Page::of(ask)?;
        let state = self.state();
        self.admin(ask, &state)?;
        let mut users: Vec<&User> = state.users.iter().collect();
        sort.apply(&mut users, |it, field| match field {
            "is_admin" => it.is_admin.into(),
            _ => it.name.as_str().into(),
        });
        // The document promises their permissions, too.
        Ok(sort.tell(page.answer(&users, PastTheEnd::Missing, |it| self.user_row(it))))
    }

    pub(super) fn user(&self, ask: &Ask) -> Refused {
        let state = self.state();
        let name = self.another(ask, &state)?;
        Ok(answer::ok(&self.user_info(&state, name)))
    }

    pub(super) fn register_user(&self, ask: &Ask) -> Refused {
        let given = input::body(ask, if self.is_next() { &USER[..] } else { &USER[..2] })?;
        let mut state = self.state();
        self.admin(ask, &state)?;
        let name = ask.path("username");
        let is_new = state.user(name).is_none();
        if is_new {
            state.users.push(User { name: name.to_owned(), is_admin: false, display_name: None });
        }
        if let Some(user) = state.user_mut(name) {
            // What is not told stays as it is.
            user.is_admin = given.get("is_admin").and_then(Value::as_bool).unwrap_or(user.is_admin);
            if let Some(display_name) = given.get("display_name") {
                user.display_name = display_name.as_str().map(str::to_owned);
            }
        }
        Ok(answer::done(if is_new { StatusCode::CREATED } else { StatusCode::OK }))
    }

    pub(super) fn delete_user(&self, ask: &Ask) -> Refused {
        let mut state = self.state();
        self.admin(ask, &state)?;
        let name = ask.path("username");
        state.users.retain(|it| it.name != name);
        for base_uri in &mut state.base_uris {
            base_uri.search.retain(|it| it != name);
            base_uri.register.retain(|it| it != name);
        }
        Ok(answer::done(StatusCode::OK))
    }

    /// The user of the path, who must be the one who asks, unless that is an administrator.
    pub(super) fn another<'a>(&self, ask: &'a Ask, state: &State) -> Refused<&'a str> {
        let me = self.known(ask, state)?;
        let name = ask.path("username");
        if me != name && !state.user(&me).is_some_and(|it| it.is_admin) {
            return Err(problem(StatusCode::FORBIDDEN));
        }
        match state.user(name) {
            Some(_) => Ok(name),
            None => Err(problem(StatusCode::NOT_FOUND)),
        }
    }

    fn user_row(&self, user: &User) -> Value {
        let mut row = json!({ "username": user.name, "is_admin": user.is_admin });
        if self.is_next() {
            row["display_name"] = json!(user.display_name);
        }
        row
    }

    /// A user and what that one may do.
    pub(super) fn user_info(&self, state: &State, name: &str) -> Value {
        let Some(user) = state.user(name) else { return Value::Null };
        let mut info = self.user_row(user);
        info["search_permissions_on_base_uris"] = json!(state.searchable(name));
        let mine = state.base_uris.iter().filter(|it| it.register.iter().any(|it| it == name));
        info["register_permissions_on_base_uris"] = mine.map(|it| it.uri.as_str()).collect();
        info
    }
}
