//! What the service holds: in memory, but for the files' content, which lies in a folder.

use std::{
    collections::BTreeMap,
    fs::{self, Metadata},
    io, mem,
    path::{Path, PathBuf},
};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
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
    /// The folder that is its bucket, if an S3 server has one. Others write there: `files` holds what was seen last.
    pub bucket: Option<PathBuf>,
}

/// Kinds of resource that behave differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Content comes and goes through the API; metadata is required first.
    Web,
    /// Content comes from presigned URLs, or by S3; metadata is not required.
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

    /// An object of a bucket, which has no version but its newest.
    fn object(place: PathBuf, seen: &Metadata) -> Self {
        let at = seen.modified().map_or_else(|_| Utc::now(), DateTime::from);
        Self { created: at, versions: vec![Stored { place, size: seen.len(), at }] }
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

    /// Keeps its content below this folder from now on, if it is of a kind that has a bucket.
    pub fn open_bucket(&mut self, folder: &Path) -> io::Result<()> {
        if self.kind != Kind::S3 {
            return Ok(());
        }
        let bucket = folder.join(&self.id);
        fs::create_dir_all(&bucket)?;
        self.bucket = Some(bucket);
        for (path, file) in mem::take(&mut self.files) {
            fs::copy(&file.newest().place, self.place_of(&path)?)?;
        }
        Ok(())
    }

    /// Where in its bucket a file is to be put. What `s3s-fs` has noted of the one before is forgotten, its `ETag` above all.
    ///
    /// # Panics
    /// If it has no bucket.
    pub fn place_of(&self, path: &str) -> io::Result<PathBuf> {
        let bucket = self.bucket.as_deref().expect("it has a bucket");
        let written = |name: &str| BASE64_URL_SAFE_NO_PAD.encode(name);
        for what in ["internal", "metadata"] {
            let note = format!(".bucket-{}.object-{}.{what}.json", written(&self.id), written(path));
            let _ = fs::remove_file(bucket.with_file_name(note));
        }
        let place = bucket.join(path);
        fs::create_dir_all(place.parent().expect("it is in the bucket"))?;
        Ok(place)
    }

    /// Sees what is in its bucket, if it has one.
    pub fn look(&mut self) {
        let Some(bucket) = self.bucket.clone() else { return };
        self.files.clear();
        let mut folders = vec![(bucket, String::new())];
        while let Some((folder, prefix)) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let (Ok(name), Ok(seen)) = (entry.file_name().into_string(), entry.metadata()) else { continue };
                let path = format!("{prefix}{name}");
                if seen.is_dir() {
                    folders.push((entry.path(), path + "/"));
                } else {
                    self.files.insert(path, File::object(entry.path(), &seen));
                }
            }
        }
    }

    /// The same for a single file of it.
    pub fn look_at(&mut self, path: &str) {
        let Some(bucket) = &self.bucket else { return };
        let place = bucket.join(path);
        match fs::metadata(&place) {
            Ok(seen) if seen.is_file() && is_path(path) => {
                self.files.insert(path.to_owned(), File::object(place, &seen));
            }
            _ => drop(self.files.remove(path)),
        }
    }
}

/// Whether a file can be called so.
pub(crate) fn is_path(path: &str) -> bool {
    !path.split('/').any(|it| it.is_empty() || it == "." || it == "..")
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

    /// Drops these and their buckets.
    pub fn drop_resources(&mut self, these: impl Fn(&Resource) -> bool) {
        for gone in self.resources.extract_if(.., |it| these(it)) {
            let _ = gone.bucket.map(fs::remove_dir_all);
        }
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
