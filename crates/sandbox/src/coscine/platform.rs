//! What the operators tell and count: their messages, PIDs, key figures.

use chrono::{Duration, Utc};
use http::{StatusCode, header};
use serde_json::{Value, json};

use super::{
    Answer, Ask, LARGEST_PAGE, Service,
    answer::{bad, empty, forbidden, missing, ok, page, problem},
    state::time,
};

/// The prefix of all PIDs.
const PREFIX: &str = "21.11102";

/// The PID of a project that was deleted before anyone came.
const DELETED: &str = "00000000-0000-4000-8000-000000000410";

/// One message that holds now and one that is past, in the language that the request asks for.
pub(super) fn messages(ask: &Ask) -> Answer {
    let language = ask.headers.get(header::ACCEPT_LANGUAGE).and_then(|it| it.to_str().ok());
    let german = language.is_some_and(|it| it.starts_with("de"));
    let message = |id: &str, kind: &str, (en, de): (&str, &str), start: i64, end: i64| {
        json!({
            "id": id, "type": kind, "title": if german { de } else { en }, "body": { "en": en, "de": de },
            "href": "https://status.example.org/", "startDate": time(Utc::now() + Duration::hours(start)),
            "endDate": time(Utc::now() + Duration::hours(end)),
        })
    };
    let now = message("2", "LimitedOperation", ("The storage is slow", "Der Speicher ist langsam"), -1, 24);
    let past = message("1", "Maintenance", ("The network is maintained", "Das Netz wird gewartet"), -48, -40);
    let is_asked_for = |it: &Value| {
        let holds =
            |term: &str| it["title"].as_str().is_some_and(|it| it.to_lowercase().contains(&term.to_lowercase()));
        ask.query("Type").is_none_or(|kind| it["type"] == kind) && ask.query("SearchTerm").is_none_or(holds)
    };
    match ask.id {
        "GetActiveNocMessages" => ok(&vec![now].into()),
        _ => page(&ask.query, [now, past].into_iter().filter(is_asked_for).collect(), LARGEST_PAGE),
    }
}

impl Service {
    pub(super) fn pids(&self, ask: &Ask) -> Answer {
        let state = self.state();
        let pid = |kind: &str, suffix: &Value, valid: bool| {
            json!({
                "prefix": PREFIX, "suffix": suffix, "identifier": format!("{PREFIX}/{}", suffix.as_str().unwrap_or_default()),
                "type": kind, "isEntityValid": valid,
            })
        };
        let asked_for = |name: &str| ask.query(name) == Some("true");
        let projects = || state.projects.iter().map(|it| pid("project", &it.dto["id"], true));
        let resources = || state.resources.iter().map(|it| pid("resource", &it.dto["id"], true));
        let is_it = |it: &Value| it["prefix"] == ask.path("prefix") && it["suffix"] == ask.path("suffix");
        let found = || projects().chain(resources()).find(is_it);
        match ask.id {
            "GetPids" if !ask.user.is_admin => forbidden(),
            "GetPids" => {
                let deleted = asked_for("IncludeDeleted").then(|| pid("project", &DELETED.into(), false));
                let of = |kind: &str| asked_for(kind).then_some(()).into_iter();
                let all = of("IncludeProjects").flat_map(|()| projects());
                let all = all.chain(of("IncludeResources").flat_map(|()| resources())).chain(deleted);
                page(&ask.query, all.collect(), LARGEST_PAGE)
            }
            "SendRequestToOwner" => match (found(), ask.json["email"].as_str()) {
                (None, _) => missing("The PID"),
                (Some(_), Some(email)) if email.contains('@') => empty(StatusCode::NO_CONTENT),
                _ => bad("The email is no e-mail address."),
            },
            _ if ask.path("suffix") == DELETED => problem(StatusCode::GONE, "The entity was deleted."),
            "GetPid" => found().map_or_else(|| missing("The PID"), |it| ok(&it)),
            _ => match found() {
                Some(it) => {
                    let url = format!(
                        "https://coscine.example.org/pid/?pid={}",
                        it["identifier"].as_str().unwrap_or_default()
                    );
                    ok(&json!({ "pid": it, "values": [{ "idx": 1, "type": "URL", "parsed_data": url, "data": url }] }))
                }
                None => missing("The handle"),
            },
        }
    }

    pub(super) fn kpis(&self, ask: &Ask) -> Answer {
        let state = self.state();
        let (id, value) = match ask.id {
            "GetNumberOfCreatedProjectsKpi" => (3681, state.projects.len()),
            _ => (3683, state.resources.len()),
        };
        ok(&json!({ "measurementId": id, "value": value, "start": null, "end": time(Utc::now()) }))
    }
}
