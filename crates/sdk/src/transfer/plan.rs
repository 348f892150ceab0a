use std::{fmt, path::PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a transfer would do, file by file: to be looked at, kept in a file, and applied later.
///
/// Each step holds what both sides looked like; what has changed since is not touched but reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// From here to there, or back.
    pub way: Way,
    /// The folder here, absolute.
    pub local: PathBuf,
    /// The place there, in the service's own terms.
    pub remote: Place,
    /// What is to be done, sorted by path.
    pub steps: Vec<Step>,
    /// Files that are the same on both sides.
    pub unchanged: u64,
    /// Those of them that were told so by the hash of their content; the others by size and time.
    pub hashed: u64,
    /// Files that were there and are left as they are, because the caller said so.
    pub skipped: u64,
}

/// The way of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// From this machine to the service.
    Up,
    /// From the service to this machine.
    Down,
}

/// A place in a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// The service's base URL.
    pub url: String,
    /// The project's id.
    pub project: String,
    /// The resource's id.
    pub resource: String,
    /// The folder in it, with a slash at its end; empty for all of it.
    pub folder: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}/{}", self.url, self.project, self.resource, self.folder)
    }
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// What.
    pub action: Action,
    /// The file, below the folders of both sides, with slashes.
    pub path: String,
    /// The bytes that will be moved.
    pub bytes: u64,
    /// The requests that it takes of the service's quota of them; what goes past its API takes none.
    pub requests: u64,
    /// The bytes of quota that it takes in the service.
    pub quota: u64,
    /// Why, in words.
    pub why: String,
    /// The file here when the plan was made; `None` if there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub here: Option<Stamp>,
    /// The file there when the plan was made; `None` if there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub there: Option<Stamp>,
    /// The metadata that goes with it: RDF in Turtle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<String>,
}

/// What is to be done with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It is not at the target yet.
    Add,
    /// The target has another content.
    Replace,
    /// Only the metadata differs.
    Metadata,
    /// The source does not have it.
    Delete,
}

/// What a file looked like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Stamp {
    /// Bytes.
    pub size: u64,
    /// When it was changed last, as its side tells it: nanoseconds since 1970 here, a date there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<String>,
}

/// What a plan costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// Requests to the service.
    pub requests: u64,
    /// Bytes to be moved.
    pub bytes: u64,
    /// Bytes of quota. What a new version replaces keeps its own for a while on top, in Coscine for 7 days.
    pub quota: u64,
    /// Bytes of quota that old versions go on to hold.
    pub old: u64,
}

impl Plan {
    /// How many steps do this.
    pub fn count(&self, action: Action) -> usize {
        self.steps.iter().filter(|step| step.action == action).count()
    }

    /// What it costs.
    pub fn cost(&self) -> Cost {
        let mut cost = Cost::default();
        for step in &self.steps {
            cost.requests += step.requests;
            cost.bytes += step.bytes;
            cost.quota += step.quota;
            if self.way == Way::Up && step.action == Action::Replace {
                cost.old += step.there.as_ref().map_or(0, |it| it.size);
            }
        }
        cost
    }

    /// Nothing is to be done.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cost_is_that_of_the_steps() {
        let step = |action, requests, metadata: Option<&str>| Step {
            requests,
            action,
            path: "a".into(),
            bytes: 10,
            quota: 100,
            why: String::new(),
            here: None,
            there: Some(Stamp { size: 7, changed: None }),
            metadata: metadata.map(str::to_owned),
        };
        let steps = vec![
            step(Action::Add, 2, Some("m")),
            step(Action::Replace, 1, None),
            step(Action::Metadata, 1, Some("m")),
            step(Action::Delete, 1, None),
        ];
        let remote = Place { url: "u".into(), project: "p".into(), resource: "r".into(), folder: String::new() };
        let plan = |way| Plan {
            way,
            local: "/x".into(),
            remote: remote.clone(),
            steps: steps.clone(),
            unchanged: 0,
            hashed: 0,
            skipped: 0,
        };
        assert_eq!(plan(Way::Up).cost(), Cost { requests: 5, bytes: 40, quota: 400, old: 7 });
        assert_eq!(plan(Way::Down).cost().old, 0, "here nothing is kept");
        let text = serde_json::to_string(&plan(Way::Up)).unwrap();
        assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), plan(Way::Up));
    }
}
