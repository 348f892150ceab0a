//! What goes wrong, and when: a plan that a file can hold.
//!
//! ```
//! let plan: whimbrel_sandbox::FaultPlan = serde_json::from_str(r#"{ "faults": [
//!     { "on": "PostStorageRaw", "nth": [2, 5], "fault": { "kind": "reset_after_processing" } },
//!     { "on": "*", "every": 10, "fault": { "kind": "status", "status": 429, "retry_after": "1" } }
//! ] }"#).unwrap();
//! assert_eq!(plan.faults.len(), 2);
//! ```

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Faults, the first that fits a request wins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FaultPlan {
    /// The faults.
    pub faults: Vec<Fault>,
}

/// One fault, and the requests that meet it. Without `nth`, `every` or `first` each request does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The operation's id as in the document, `storage` for the storage behind signed URLs, or `*` for all.
    pub on: String,
    /// These requests among those that `on` names, counted from 1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nth: Vec<u64>,
    /// Each so-many-th of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<u64>,
    /// The first so many of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<u64>,
    /// What happens.
    pub fault: Kind,
}

/// What happens to a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Kind {
    /// This status, and nothing is done. `retry_after`: `"7"`, or `"date:7"` for the date in 7 seconds.
    Status {
        /// 429, 500, 502, 503, 504 or any other.
        status: u16,
        /// What the header says; none without.
        #[serde(default)]
        retry_after: Option<String>,
    },
    /// 401 in the midst of things.
    Unauthorized,
    /// 200 with a page of HTML, as a proxy gives it; nothing is done.
    Html,
    /// The answer's status without its body.
    EmptyBody,
    /// The answer's body ends after so many bytes, and the connection with it.
    TruncatedBody {
        /// Bytes.
        at: u64,
    },
    /// The answer says so many bytes fewer than its body has.
    ShortLength {
        /// Bytes.
        by: u64,
    },
    /// The connection is reset before anything is done.
    ResetBeforeProcessing,
    /// It is done, and the connection is reset before the answer.
    ResetAfterProcessing,
    /// The connection is reset after so many bytes of the answer's body.
    ResetBody {
        /// Bytes.
        at: u64,
    },
    /// It is done, and no answer comes.
    Stall,
    /// The answer's body stands still after so many bytes.
    StallBody {
        /// Bytes.
        at: u64,
    },
    /// The answer's body comes in drops.
    Drip {
        /// Bytes in a drop.
        bytes: usize,
        /// Milliseconds between drops.
        every_ms: u64,
    },
    /// The answer comes later.
    Latency {
        /// Milliseconds.
        ms: u64,
    },
    /// A page of a list is the page before once more.
    DuplicatedPage,
    /// A page of a list lacks its last item.
    ShrinkingPage,
}

impl Kind {
    /// The name of its kind, as in a plan; with the status where it is one.
    pub fn name(&self) -> String {
        match self {
            Self::Status { status, .. } => status.to_string(),
            other => {
                let json = serde_json::to_value(other).expect("plain data");
                json["kind"].as_str().unwrap_or_default().to_owned()
            }
        }
    }
}

impl FaultPlan {
    /// What the second round of `whimbrel demo` has to cope with.
    pub fn demo() -> Self {
        let fault = |on: &str, nth: &[u64], fault: Kind| Fault {
            on: on.to_owned(),
            nth: nth.to_vec(),
            every: None,
            first: None,
            fault,
        };
        let status = |status, after: Option<&str>| Kind::Status { status, retry_after: after.map(str::to_owned) };
        Self {
            faults: vec![
                fault("PostStorageRaw", &[3], status(429, Some("1"))),
                fault("PostStorageRaw", &[7, 20], Kind::ResetAfterProcessing),
                fault("PostStorageRaw", &[11, 30], Kind::ResetBeforeProcessing),
                fault("PostStorageRaw", &[15], status(503, None)),
                fault("CreateMetadataVersion", &[5, 25], Kind::ResetAfterProcessing),
                fault("CreateMetadataVersion", &[9], Kind::ResetBeforeProcessing),
                fault("CreateMetadataVersion", &[14], status(503, Some("1"))),
                fault("CreateMetadataVersion", &[40], status(429, None)),
                fault("ListFilesFromStorage", &[2], Kind::ResetAfterProcessing),
                fault("ListFilesFromStorage", &[4], Kind::TruncatedBody { at: 100 }),
                fault("ListFilesFromStorage", &[6], Kind::ShrinkingPage),
                fault("GetResourceGraphContent", &[1], Kind::TruncatedBody { at: 5000 }),
                fault("GetStorageRaw", &[2, 33], Kind::TruncatedBody { at: 10 }),
                fault("GetStorageRaw", &[6], Kind::ResetBody { at: 1 }),
                fault("GetStorageRaw", &[12], status(502, None)),
                fault("GetStorageRaw", &[18], status(429, Some("1"))),
                fault("GetStorageRaw", &[24], Kind::Drip { bytes: 32 << 10, every_ms: 2 }),
            ],
        }
    }
}

/// A plan and how often each of its faults was asked for.
#[derive(Debug, Default)]
pub(crate) struct Running {
    plan: FaultPlan,
    asked: Vec<u64>,
}

impl Running {
    pub fn new(plan: FaultPlan) -> Self {
        let asked = vec![0; plan.faults.len()];
        Self { plan, asked }
    }

    /// What happens to the next request of this operation.
    pub fn next(&mut self, operation: &str) -> Option<Kind> {
        let mut met = None;
        for (fault, asked) in self.plan.faults.iter().zip(&mut self.asked) {
            if fault.on != operation && (fault.on != "*" || operation == "storage") {
                continue;
            }
            *asked += 1;
            let always = fault.nth.is_empty() && fault.every.is_none() && fault.first.is_none();
            let now = fault.nth.contains(asked)
                || fault.every.is_some_and(|every| *asked % every.max(1) == 0)
                || fault.first.is_some_and(|first| *asked <= first);
            if met.is_none() && (always || now) {
                met = Some(fault.fault.clone());
            }
        }
        met
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_met_when_the_plan_says_so() {
        let plan = r#"{ "faults": [
            { "on": "A", "nth": [2], "fault": { "kind": "html" } },
            { "on": "*", "every": 3, "fault": { "kind": "stall" } },
            { "on": "B", "first": 1, "fault": { "kind": "status", "status": 503 } }
        ] }"#;
        let mut running = Running::new(serde_json::from_str(plan).unwrap());
        let mut next = |operation| running.next(operation).map(|it| it.name());
        let seen = ["A", "A", "A", "B", "B", "A", "storage"].map(&mut next);
        let names = [None, Some("html"), Some("stall"), Some("503"), None, Some("stall"), None];
        assert_eq!(seen, names.map(|it| it.map(str::to_owned)));
    }

    #[test]
    fn a_plan_that_is_misspelt_is_refused() {
        for wrong in [
            r#"{ "fault": [] }"#,
            r#"{ "faults": [{ "on": "A", "nht": [1], "fault": { "kind": "html" } }] }"#,
            r#"{ "faults": [{ "on": "A", "fault": { "kind": "htlm" } }] }"#,
        ] {
            assert!(serde_json::from_str::<FaultPlan>(wrong).is_err(), "{wrong}");
        }
    }
}
