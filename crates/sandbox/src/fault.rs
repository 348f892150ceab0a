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
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::{Map, Value};

use crate::{
    datasift,
    document::Document,
    dserver::{Release, TOKEN_OPERATIONS},
};

/// What a plan calls the storage behind signed URLs.
pub(crate) const STORAGE: &str = "storage";

/// Faults, the first that fits a request wins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FaultPlan {
    /// The faults.
    #[serde(deserialize_with = "faults")]
    pub faults: Vec<Fault>,
}

/// One fault, and the requests that meet it. Without `nth`, `every` or `first` each request does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The operation's id as in the document, `storage` for the storage behind signed URLs, or `*` for all.
    /// dserver's ids are the client's: `search_datasets`, `get_readme`...; its token generator has `generate_token`,
    /// `generate_token_ldap`, `get_token`, `refresh_token` and `verify_token`.
    /// DataSift has the ids of its document, `ingest` among them, and `stream` for live streams.
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
    #[serde(deserialize_with = "kind")]
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

fn faults<'de, D: Deserializer<'de>>(given: D) -> Result<Vec<Fault>, D::Error> {
    let faults = Vec::<Fault>::deserialize(given)?;
    faults.iter().try_for_each(Fault::check).map_err(D::Error::custom)?;
    Ok(faults)
}

/// A kind that has no fields takes any from serde, in spite of `deny_unknown_fields`.
fn kind<'de, D: Deserializer<'de>>(given: D) -> Result<Kind, D::Error> {
    let given = Map::deserialize(given)?;
    let kind = Kind::deserialize(Value::from(given.clone())).map_err(D::Error::custom)?;
    let known = serde_json::to_value(&kind).expect("plain data");
    match given.keys().find(|field| known.get(field).is_none()) {
        None => Ok(kind),
        Some(field) => Err(D::Error::custom(format!("unknown field `{field}`, `{}` has none", kind.name()))),
    }
}

impl Fault {
    /// Refuses what would never be met, or otherwise than it is written.
    fn check(&self) -> Result<(), String> {
        let on = &self.on;
        let is_known = |on: &str| {
            let documents = [Document::coscine(), Document::dserver(Release::Next)];
            on == "*"
                || on == STORAGE
                || TOKEN_OPERATIONS.contains(&on)
                || datasift::has_operation(on)
                || documents.iter().any(|it| it.has(on))
        };
        if !is_known(on) {
            return Err(format!(
                "`on` must be an operation's id such as `GetRoles` or `search_datasets`, `storage` or `*`, and not `{on}`"
            ));
        }
        if self.every == Some(0) {
            return Err(format!("`every` on `{on}` must be at least 1, and not 0"));
        }
        match self.fault {
            Kind::Status { status, .. } if !(100..=599).contains(&status) => {
                Err(format!("`status` on `{on}` must be from 100 to 599, and not {status}"))
            }
            _ => Ok(()),
        }
    }
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
    /// As for a plan that is read, for one that is made.
    pub(crate) fn check(&self) -> Result<(), String> {
        self.faults.iter().try_for_each(Fault::check)
    }

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
                fault("search_datasets", &[1], Kind::TruncatedBody { at: 100 }),
                fault("get_versions", &[1], status(503, Some("1"))),
                fault("sign_dataset", &[3], Kind::ResetBody { at: 1 }),
                fault("sign_dataset", &[7], status(502, None)),
                fault("sign_upload", &[4], status(429, Some("1"))),
                fault("complete_upload", &[2], Kind::ResetBeforeProcessing),
                fault("complete_upload", &[9], Kind::ResetAfterProcessing),
                fault("storage", &[5, 90], Kind::TruncatedBody { at: 10 }),
                fault("storage", &[17], Kind::ResetBeforeProcessing),
                fault("storage", &[40], status(503, None)),
                fault("storage", &[71], Kind::ResetAfterProcessing),
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
            if fault.on != operation && (fault.on != "*" || operation == STORAGE) {
                continue;
            }
            *asked += 1;
            let always = fault.nth.is_empty() && fault.every.is_none() && fault.first.is_none();
            let now = fault.nth.contains(asked)
                || fault.every.is_some_and(|every| *asked % every == 0)
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
            { "on": "GetRoles", "nth": [2], "fault": { "kind": "html" } },
            { "on": "*", "every": 3, "fault": { "kind": "stall" } },
            { "on": "GetTitles", "first": 1, "fault": { "kind": "status", "status": 503 } }
        ] }"#;
        let mut running = Running::new(serde_json::from_str(plan).unwrap());
        let mut next = |operation| running.next(operation).map(|it| it.name());
        let (a, b) = ("GetRoles", "GetTitles");
        let seen = [a, a, a, b, b, a, "storage"].map(&mut next);
        let names = [None, Some("html"), Some("stall"), Some("503"), None, Some("stall"), None];
        assert_eq!(seen, names.map(|it| it.map(str::to_owned)));
    }

    #[test]
    fn a_plan_that_is_misspelt_is_refused() {
        assert!(serde_json::from_str::<FaultPlan>(r#"{ "fault": [] }"#).is_err());
        for (wrong, told) in [
            (r#""on": "*", "nht": [1], "fault": { "kind": "html" }"#, "unknown field `nht`"),
            (r#""on": "*", "fault": { "kind": "htlm" }"#, "unknown variant `htlm`"),
            (r#""on": "GetRoels", "fault": { "kind": "html" }"#, "an operation's id such as `GetRoles`"),
            (r#""on": "*", "fault": { "kind": "stall", "at": 3 }"#, "unknown field `at`, `stall` has none"),
            (r#""on": "*", "fault": { "kind": "latency", "ms": 3, "at": 3 }"#, "unknown field `at`, expected `ms`"),
            (r#""on": "*", "every": 0, "fault": { "kind": "html" }"#, "`every` on `*` must be at least 1"),
            (r#""on": "*", "fault": { "kind": "status", "status": 99 }"#, "`status` on `*` must be from 100 to 599"),
            (r#""on": "*", "fault": { "kind": "status", "status": 600 }"#, "`status` on `*` must be from 100 to 599"),
        ] {
            let plan = format!(r#"{{ "faults": [{{ {wrong} }}] }}"#);
            let error = serde_json::from_str::<FaultPlan>(&plan).unwrap_err().to_string();
            assert!(error.contains(told), "{wrong}: {error}");
        }
    }
}
