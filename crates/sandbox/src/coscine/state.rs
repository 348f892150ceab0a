//! What the service holds: in memory, but for the files' content, which lies in a folder.

use std::{collections::BTreeMap, path::PathBuf};

use chrono::{DateTime, Utc};
use oxrdf::Triple;
use serde_json::{Value, json};

/// A user and what proves it.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub id: String,
    pub name: String,
    pub tokens: Vec<Token>,
    pub is_admin: bool,
    /// What the user has changed of the own profile, as it was sent.
    pub profile: Value,
    /// The notifications that the user does not want.
    pub opt_outs: Vec<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub id: String,
    pub name: String,
    pub secret: String,
    pub created: DateTime<Utc>,
    pub expires: DateTime<Utc>,
}

/// What a member may do, from little to much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    Guest,
    Member,
    Owner,
}

impl Role {
    pub const ALL: [Self; 3] = [Self::Owner, Self::Member, Self::Guest];

    pub fn name(self) -> &'static str {
        match self {
            Self::Owner => "Owner",
            Self::Member => "Member",
            Self::Guest => "Guest",
        }
    }

    pub fn id(self) -> String {
        uuid(&format!("role {}", self.name()))
    }

    pub fn of_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.id() == id)
    }

    pub fn dto(self) -> Value {
        json!({ "id": self.id(), "displayName": self.name(), "description": format!("{} of the project", self.name()) })
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Project {
    pub id: String,
    pub dto: Value,
    pub parent: Option<String>,
    /// Role by user, and the id of the membership.
    pub members: BTreeMap<String, (Role, String)>,
    pub invitations: Vec<Value>,
}

#[derive(Clone, Debug)]
pub(crate) struct Resource {
    pub id: String,
    pub project: String,
    pub dto: Value,
    pub profile: String,
    pub kind: Kind,
    /// Bytes.
    pub quota: u64,
    pub files: BTreeMap<String, File>,
    pub metadata: BTreeMap<String, Vec<Version>>,
}

/// Kinds of resource that behave differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Content comes and goes through the API; metadata is required first.
    Web,
    /// Content comes from presigned URLs; metadata is not required.
    S3,
}

#[derive(Clone, Debug)]
pub(crate) struct File {
    pub created: DateTime<Utc>,
    /// The newest last. Old ones keep their quota.
    pub versions: Vec<Stored>,
}

#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub place: PathBuf,
    pub size: u64,
    pub at: DateTime<Utc>,
}

/// A version of a file's metadata.
#[derive(Clone, Debug)]
pub(crate) struct Version {
    pub number: u64,
    pub triples: Vec<Triple>,
    pub at: DateTime<Utc>,
}

impl File {
    pub fn newest(&self) -> &Stored {
        self.versions.last().expect("a file has a version")
    }
}

impl Resource {
    /// Bytes that count against the quota: every version, each at least the smallest unit of the storage.
    pub fn used(&self) -> u64 {
        self.files.values().flat_map(|file| &file.versions).map(|it| it.size).sum()
    }

    /// Bytes of old versions among them.
    pub fn old(&self) -> u64 {
        self.used() - self.files.values().map(|file| file.newest().size).sum::<u64>()
    }

    pub fn archived(&self) -> bool {
        self.dto["archived"] == true
    }
}

#[derive(Debug, Default)]
pub(crate) struct State {
    pub users: Vec<User>,
    pub projects: Vec<Project>,
    pub resources: Vec<Resource>,
    /// Bytes allocated, by project and resource type, where they were changed.
    pub quotas: BTreeMap<(String, String), u64>,
    /// Requests to publish.
    pub publications: Vec<Value>,
}

impl State {
    pub fn user_of(&self, token: &str) -> Option<&User> {
        let now = Utc::now();
        self.users.iter().find(|user| user.tokens.iter().any(|it| it.secret == token && it.expires > now))
    }

    /// The project of this id or slug.
    pub fn project(&self, name: &str) -> Option<&Project> {
        self.projects.iter().find(|it| it.id == name || it.dto["slug"] == name)
    }

    pub fn project_mut(&mut self, name: &str) -> Option<&mut Project> {
        self.projects.iter_mut().find(|it| it.id == name || it.dto["slug"] == name)
    }

    pub fn resource_mut(&mut self, id: &str) -> Option<&mut Resource> {
        self.resources.iter_mut().find(|it| it.id == id)
    }

    pub fn resource(&self, id: &str) -> Option<&Resource> {
        self.resources.iter().find(|it| it.id == id)
    }
}

/// The id of what is called so: the same in each run.
pub(crate) fn uuid(name: &str) -> String {
    let hash = blake3::hash(name.as_bytes()).to_hex();
    format!("{}-{}-4{}-8{}-{}", &hash[..8], &hash[8..12], &hash[13..16], &hash[17..20], &hash[20..32])
}

pub(crate) fn time(at: DateTime<Utc>) -> Value {
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true).into()
}
