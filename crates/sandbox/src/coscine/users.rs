//! Who is there, and their tokens.

use chrono::{Duration, Utc};
use http::StatusCode;
use serde_json::{Value, json};

use super::{
    Answer, Ask, LARGEST_PAGE, Service,
    answer::{bad, data, empty, forbidden, missing, ok, page},
    seed,
    state::{Project, Role, State, Token, User, time, uuid},
    vocabulary,
};

impl Service {
    pub(super) fn users(&self, ask: &Ask) -> Answer {
        let mut state = self.state();
        match ask.id {
            "GetCurrentUser" => ok(&full(&ask.user)),
            "GetUsers" => {
                let term = ask.query("SearchTerm").unwrap_or_default().to_lowercase();
                let holds = |it: &Value| {
                    let mut texts = ["displayName", "email"].iter().filter_map(|key| it[*key].as_str());
                    texts.any(|text| text.to_lowercase().contains(&term))
                };
                ok(&state.users.iter().map(public).filter(holds).collect::<Vec<_>>().into())
            }
            "ResolveProjectInvitation" => resolve(&mut state, ask),
            "GetAllUsers" if !ask.user.is_admin => forbidden(),
            "GetAllUsers" => page(&ask.query, state.users.iter().map(full).collect(), 250),
            "GetNotifications" => page(&ask.query, vocabulary::notifications(), LARGEST_PAGE),
            _ => {
                let user = state.users.iter_mut().find(|it| it.id == ask.user.id).expect("it has asked");
                match ask.id {
                    "UpdateCurrentUser" => {
                        user.profile = ask.json.clone();
                        empty(StatusCode::NO_CONTENT)
                    }
                    id if id.contains("Notification") => opt_outs(user, ask),
                    _ => tokens(user, ask),
                }
            }
        }
    }
}

fn opt_outs(user: &mut User, ask: &Ask) -> Answer {
    let dto = |user: &str, notification: &String| json!({ "id": opt_out(user, notification), "userId": user, "notificationId": notification });
    let at = |is: &dyn Fn(&String) -> bool| user.opt_outs.iter().position(is);
    match ask.id {
        "GetUserNotifications" => {
            page(&ask.query, user.opt_outs.iter().map(|it| dto(&user.id, it)).collect(), LARGEST_PAGE)
        }
        "GetUserNotification" => match at(&|it| it == ask.path("notificationId")) {
            Some(at) => ok(&dto(&user.id, &user.opt_outs[at])),
            None => missing("The opt-out"),
        },
        "CreateUserNotification" => {
            let wanted = ask.json["notificationId"].as_str().unwrap_or_default().to_owned();
            match vocabulary::notifications().iter().find(|it| it["id"] == *wanted) {
                None => missing("The notification"),
                Some(it) if it["isOptional"] == false => bad("The notification is not optional."),
                Some(_) => {
                    let dto = dto(&user.id, &wanted);
                    user.opt_outs.push(wanted);
                    data(StatusCode::CREATED, &dto)
                }
            }
        }
        _ => match at(&|it| opt_out(&user.id, it) == ask.path("id")) {
            Some(at) => {
                user.opt_outs.remove(at);
                empty(StatusCode::NO_CONTENT)
            }
            None => missing("The opt-out"),
        },
    }
}

fn opt_out(user: &str, notification: &str) -> String {
    uuid(&format!("opt-out {user} {notification}"))
}

/// Takes the user into the project. No mail is sent here, so an invitation's token is its id.
fn resolve(state: &mut State, ask: &Ask) -> Answer {
    let invited = |project: &Project| project.invitations.iter().position(|it| it["id"] == ask.json["token"]);
    let found = state.projects.iter_mut().find_map(|project| invited(project).map(|at| (project, at)));
    let Some((project, at)) = found else { return missing("The invitation") };
    let invitation = project.invitations.remove(at);
    let role = Role::of_id(invitation["role"]["id"].as_str().unwrap_or_default()).unwrap_or(Role::Guest);
    let membership = uuid(&format!("member {} {}", project.id, ask.user.id));
    project.members.entry(ask.user.id.clone()).or_insert((role, membership));
    empty(StatusCode::NO_CONTENT)
}

fn tokens(user: &mut User, ask: &Ask) -> Answer {
    let id = ask.path("apiTokenId");
    let at = user.tokens.iter().position(|it| it.id == id);
    match ask.id {
        "GetAllApiTokens" => page(&ask.query, user.tokens.iter().map(|it| token(user, it)).collect(), LARGEST_PAGE),
        "CreateApiToken" => {
            let days = ask.json["expiresInDays"].as_i64().unwrap_or_default();
            if !(1..=370).contains(&days) {
                return bad("expiresInDays must be between 1 and 370.");
            }
            let secret = seed::jwt(&user.id, days);
            let new = Token {
                id: uuid(&format!("token {secret}")),
                name: ask.json["name"].as_str().unwrap_or_default().to_owned(),
                secret,
                created: Utc::now(),
                expires: Utc::now() + Duration::days(days),
            };
            let mut dto = token(user, &new);
            // Told once, and never again.
            dto["token"] = new.secret.clone().into();
            user.tokens.push(new);
            data(StatusCode::CREATED, &dto)
        }
        "GetApiToken" => at.map_or_else(|| missing("The token"), |at| ok(&token(user, &user.tokens[at]))),
        _ => match at {
            Some(at) => {
                user.tokens.remove(at);
                empty(StatusCode::NO_CONTENT)
            }
            None => missing("The token"),
        },
    }
}

fn token(user: &User, it: &Token) -> Value {
    json!({
        "id": it.id, "name": it.name, "creationDate": time(it.created), "expiryDate": time(it.expires), "token": null,
        "owner": { "id": user.id },
    })
}

/// What others see of a user.
pub(crate) fn public(user: &User) -> Value {
    let told = |key: &str, seed: &str| user.profile[key].as_str().unwrap_or(seed).to_owned();
    let (given, family) = (told("givenName", &user.name), told("familyName", "Sandbox"));
    let email = told("email", &format!("{}@example.org", user.name));
    let title = chosen(vocabulary::titles(), &user.profile["title"]);
    json!({
        "id": user.id, "displayName": format!("{given} {family}"), "givenName": given, "familyName": family,
        "email": email, "title": title,
    })
}

/// The one of these that the reference names.
fn chosen(all: Vec<Value>, reference: &Value) -> Option<Value> {
    all.into_iter().find(|it| it["id"] == reference["id"])
}

fn full(user: &User) -> Value {
    let mut dto = public(user);
    let language = chosen(vocabulary::languages(), &user.profile["language"]);
    let disciplines = user.profile["disciplines"].as_array().into_iter().flatten();
    let disciplines = disciplines.filter_map(|it| chosen(vocabulary::disciplines(), it)).collect::<Vec<_>>();
    dto["emails"] = json!([{ "email": dto["email"], "isConfirmed": true, "isPrimary": true }]);
    for (key, value) in [
        ("language", language.unwrap_or_else(|| vocabulary::languages()[0].clone())),
        ("areToSAccepted", true.into()),
        ("latestActivity", time(Utc::now())),
        ("disciplines", disciplines.into()),
        ("organizations", json!([])),
        ("identities", json!([])),
        ("roles", json!([])),
    ] {
        dto[key] = value;
    }
    dto.as_object_mut().map(|dto| dto.shift_remove("email"));
    dto
}
