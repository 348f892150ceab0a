//! What this client knows of Coscine beyond its document: how long answers stay true, what a write makes old, what
//! may be repeated, and the rate limit.

use std::time::Duration;

use middleware::{Operation, layer::Lifetime};
use raw::coscine::operations as op;

const MINUTE: Duration = Duration::from_secs(60);
const MONTH: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// 500 requests in a minute (Coscine's documentation, "API"); beyond that a client may be ignored for some time.
pub(crate) const QUOTA: (u32, Duration) = (500, MINUTE);

/// The quota that a file of this size takes, in bytes: no less than 256 kB (Coscine's documentation, "Storage").
pub(crate) fn quota_of(size: u64) -> u64 {
    size.max(256_000)
}

/// How long an answer may be kept. Coscine sends no cache headers at all, so this table has to say it.
///
/// Content, quotas, listings of files (they hold presigned URLs) and everything that holds a secret (a resource's S3
/// keys, API tokens) is never kept.
pub(crate) fn lifetime(operation: &Operation) -> Lifetime {
    const VOCABULARY: [&Operation; 22] = [
        &op::GET_APPLICATION_PROFILE,
        &op::GET_RAW_APPLICATION_PROFILE,
        &op::GET_DISCIPLINE,
        &op::GET_DISCIPLINES,
        &op::GET_LANGUAGE,
        &op::GET_LANGUAGES,
        &op::GET_LICENSE,
        &op::GET_LICENSES,
        &op::GET_NOTIFICATION,
        &op::GET_NOTIFICATIONS,
        &op::GET_ORGANIZATION,
        &op::GET_ORGANIZATIONS,
        &op::GET_RAW_VOCABULARY,
        &op::GET_ROLE,
        &op::GET_ROLES,
        &op::GET_TITLE,
        &op::GET_TITLES,
        &op::GET_VISIBILITIES,
        &op::GET_VISIBILITY,
        &op::GET_VOCABULARIES,
        &op::GET_VOCABULARY_INSTANCE,
        &op::GET_VOCABULARY_INSTANCES,
    ];
    // Others may change these at any time, so only for as long as a series of commands lasts.
    const NAMES: [&Operation; 5] = [
        &op::GET_APPLICATION_PROFILES,
        &op::GET_PROJECT,
        &op::GET_PROJECTS,
        &op::GET_RESOURCES_FOR_PROJECT,
        &op::GET_SUB_PROJECTS_FOR_PROJECT,
    ];
    if VOCABULARY.contains(&operation) {
        Lifetime::For(MONTH)
    } else if NAMES.contains(&operation) {
        Lifetime::For(5 * MINUTE)
    } else {
        Lifetime::Never
    }
}

/// The paths below which a write makes cached answers old, beside its own (RFC 9111, 4.4): collections and what
/// embeds the changed thing.
pub(crate) fn makes_old(operation: &Operation, path: &str) -> Vec<String> {
    let api = match path.find("/api/v2/") {
        Some(at) => &path[..at + "/api/v2".len()],
        None => return vec![],
    };
    match operation.tag {
        // A project and its resources appear in lists of projects, in parents and in subprojects.
        "Project" | "ProjectResource" | "Resource" | "Admin" | "ProjectMember" | "Self" => {
            vec![format!("{api}/projects"), format!("{api}/resources")]
        }
        "ApplicationProfile" => vec![format!("{api}/application-profiles")],
        _ => vec![],
    }
}

/// Whether sending an operation twice has the effect of sending it once. Each `PUT` of content or metadata makes a new
/// version, and an old version keeps its quota for 7 days, so these are not what HTTP says of `PUT`.
pub(crate) fn repeatable(operation: &Operation) -> bool {
    let versioned = [&op::PUT_STORAGE_RAW, &op::UPDATE_BLOB, &op::CREATE_METADATA_VERSION, &op::UPDATE_METADATA_TREE];
    operation.is_idempotent() && !versioned.contains(&operation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_the_user_and_nothing_of_the_moment_is_kept() {
        let never = [
            "Admin",
            "Handle",
            "Pid",
            "Report",
            "Search",
            "Self",
            "SelfApiToken",
            "SelfSession",
            "SystemStatus",
            "Tos",
            "User",
            "UserNotificationOptOut",
        ];
        for operation in op::ALL.iter().filter(|operation| never.contains(&operation.tag)) {
            assert!(matches!(lifetime(operation), Lifetime::Never), "{}", operation.id);
        }
    }

    #[test]
    fn only_what_is_read_is_kept() {
        for operation in op::ALL.iter().filter(|operation| !matches!(lifetime(operation), Lifetime::Never)) {
            assert!(operation.method.is_safe(), "{}", operation.id);
        }
    }
}
