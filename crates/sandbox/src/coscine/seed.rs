//! What the seed `demo` holds: the same names and ids in each run.

use std::{collections::BTreeMap, fs, path::Path};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{Duration, Utc};
use serde_json::json;

use super::{
    profiles, projects,
    resources::{self, New},
    state::{File, Kind, Project, Role, State, Stored, Token, User, uuid},
};

/// More than one page of each.
const MORE_PROJECTS: usize = 55;
const MORE_RESOURCES: usize = 53;

pub(crate) fn demo(folder: &Path) -> State {
    let mut state = State {
        users: vec![user("alice", false), user("bob", false), user("carol", false), user("admin", true)],
        ..State::default()
    };
    let [alice, bob, carol] = [0, 1, 2].map(|n: usize| state.users[n].id.clone());
    let member = |user: &str, role: Role| (user.to_owned(), (role, uuid(&format!("member {user} {}", role.name()))));
    let all = || BTreeMap::from([member(&alice, Role::Owner), member(&bob, Role::Member), member(&carol, Role::Guest)]);
    let alone = || BTreeMap::from([member(&alice, Role::Owner)]);

    let demo = project("Demo", "The project that everything is shown with", all());
    let many = project("Many Resources", "A project with more resources than a page", alone());
    resources_of_demo(&mut state, &demo.id, folder);
    for n in 1..=MORE_RESOURCES {
        state.resources.push(resource(&many.id, &format!("Resource {n:02}"), profiles::SIMPLE, Kind::Web));
    }
    state.projects.extend([demo, many]);
    for n in 1..=MORE_PROJECTS {
        state.projects.push(project(&format!("Project {n:02}"), "One of many", alone()));
    }
    state
}

fn user(name: &str, is_admin: bool) -> User {
    let id = uuid(&format!("user {name}"));
    let token = Token {
        id: uuid(&format!("token {name}")),
        name: "sandbox".to_owned(),
        secret: jwt(&id, 365),
        created: Utc::now(),
        expires: Utc::now() + Duration::days(365),
    };
    let (profile, opt_outs) = (serde_json::Value::Null, vec![]);
    User { id, name: name.to_owned(), tokens: vec![token], is_admin, profile, opt_outs }
}

/// A token of the form of Coscine's: claims that can be read, and a signature that can't be guessed.
pub(crate) fn jwt(user: &str, days: i64) -> String {
    let now = Utc::now().timestamp();
    let claims = json!({
        "sub": user, "iss": "https://coscine.rwth-aachen.de", "iat": now, "exp": now + days * 86_400,
        "jti": format!("{:032x}", fastrand::u128(..)),
    });
    let signature: [u8; 32] = std::array::from_fn(|_| fastrand::u8(..));
    let part = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let head = part(br#"{"alg":"HS256","typ":"JWT"}"#);
    format!("{head}.{}.{}", part(claims.to_string().as_bytes()), part(&signature))
}

fn project(name: &str, description: &str, members: BTreeMap<String, (Role, String)>) -> Project {
    let id = uuid(&format!("project {name}"));
    let given = json!({
        "name": name, "displayName": name, "description": description, "principleInvestigators": "A. Ott",
        "startDate": "2026-01-01T00:00:00Z", "endDate": "2029-12-31T00:00:00Z", "keywords": ["demo"],
    });
    let dto = projects::dto(&id, &given, &uuid("user alice"));
    Project { id, dto, parent: None, members, invitations: vec![] }
}

fn resource(project: &str, name: &str, profile: &str, kind: Kind) -> super::state::Resource {
    let specific = if kind == Kind::S3 { "rdss3rwth" } else { "rdsrwth" };
    let given = json!({
        "name": name, "displayName": name, "description": format!("{name} of the sandbox"), "keywords": [],
        "visibility": { "id": uuid("visibility Project Members") }, "license": null, "disciplines": [],
        "applicationProfile": { "uri": profile }, "fixedValues": {},
    });
    let id = uuid(&format!("resource {project} {name}"));
    let gib = 1 << 30;
    let quota = 25 * gib;
    resources::make(&New { id, project, given: &given, specific, kind, quota, creator: &uuid("user alice") })
}

fn resources_of_demo(state: &mut State, demo: &str, folder: &Path) {
    let mut files = resource(demo, "Files", profiles::SIMPLE, Kind::Web);
    let mut bucket = resource(demo, "Bucket", profiles::SIMPLE, Kind::S3);
    for (n, path) in
        ["readme.txt", "2026/january/a.csv", "2026/january/b.csv", "2026/february/c.csv", "ä ö/100%20#1?.txt"]
            .iter()
            .enumerate()
    {
        let content = format!("{path}\n").repeat(n + 1);
        let place = folder.join(format!("seed-{n}"));
        fs::write(&place, &content).expect("the temporary folder takes a file");
        let stored = Stored { place, size: content.len() as u64, at: Utc::now() };
        let file = File { created: stored.at, versions: vec![stored] };
        files.files.insert((*path).to_owned(), file.clone());
        bucket.files.insert((*path).to_owned(), file);
    }
    let measurements = resource(demo, "Measurements", profiles::MEASUREMENT, Kind::Web);
    state.resources.extend([files, measurements, bucket]);
}
