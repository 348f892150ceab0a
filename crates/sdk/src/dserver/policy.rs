//! What this client knows of dserver beyond its document: how long answers stay true, what a write makes old, what may be
//! repeated. There is no documented rate limit, and many servers have one worker with two threads.

use std::time::Duration;

use http::StatusCode;
use middleware::{
    Operation,
    layer::{Lifetime, Refusal},
};
use raw::dserver::operations as op;

use crate::error::is_of_jwt_layer;

/// What the layer that reads tokens answers to what it can't read as one; other 422 are the API's own.
pub(crate) const REFUSAL: Refusal = Refusal { status: StatusCode::UNPROCESSABLE_ENTITY, says: is_of_jwt_layer };

/// What a dataset is does not change once it is frozen, but its readme, tags and annotations do, and by others; so only
/// what is asked for again and again in one series of commands is kept.
pub(crate) fn lifetime(operation: &Operation) -> Lifetime {
    const SLOW: [&Operation; 4] = [&op::GET_CONFIG, &op::GET_VERSIONS, &op::GET_MANIFEST, &op::GET_ME];
    if SLOW.contains(&operation) { Lifetime::For(Duration::from_secs(300)) } else { Lifetime::Never }
}

/// A dataset that is registered anew has a new manifest; a user's rights are part of what `me` tells.
pub(crate) fn makes_old(operation: &Operation, path: &str) -> Vec<String> {
    const DATASETS: [&Operation; 3] = [&op::REGISTER_DATASET, &op::DELETE_DATASET, &op::COMPLETE_UPLOAD];
    const RIGHTS: [&Operation; 9] = [
        &op::REGISTER_USER,
        &op::DELETE_USER,
        &op::UPDATE_USER,
        &op::REGISTER_BASE_URI,
        &op::DELETE_BASE_URI,
        &op::GRANT_SEARCH,
        &op::REVOKE_SEARCH,
        &op::GRANT_REGISTER,
        &op::REVOKE_REGISTER,
    ];
    let base = ["/uris/", "/signed-urls/", "/users/", "/base-uris/"].iter().find_map(|it| path.split_once(it));
    let Some((base, _)) = base else { return vec![] };
    if DATASETS.contains(&operation) {
        vec![format!("{base}/manifests")]
    } else if RIGHTS.contains(&operation) {
        vec![format!("{base}/me")]
    } else {
        vec![]
    }
}

/// Searches are sent as `POST` and change nothing, and links are given as often as they are asked for; all else is what its
/// method says.
pub(crate) fn repeatable(operation: &Operation) -> bool {
    const QUESTIONS: [&Operation; 5] =
        [&op::SEARCH_DATASETS, &op::QUERY_DATASETS, &op::AGGREGATE_DATASETS, &op::QUERY_GRAPH, &op::SIGN_UPLOAD];
    operation.is_idempotent() || QUESTIONS.contains(&operation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_makes_old_what_it_changes_and_no_more() {
        let old = |operation: &Operation, path: &str| makes_old(operation, path);
        assert_eq!(old(&op::REGISTER_DATASET, "/base/uris/s3%3A%2F%2Fb%2F1"), ["/base/manifests"]);
        assert_eq!(old(&op::COMPLETE_UPLOAD, "/signed-urls/upload-complete"), ["/manifests"]);
        assert_eq!(old(&op::GRANT_SEARCH, "/users/ada/search/s3%3A%2F%2Fb"), ["/me"]);
        assert!(old(&op::GET_DATASET, "/uris/x").is_empty());
    }

    #[test]
    fn searches_may_be_repeated_and_registrations_by_upload_may_not() {
        assert!(repeatable(&op::SEARCH_DATASETS) && repeatable(&op::REGISTER_DATASET));
        assert!(repeatable(&op::SIGN_UPLOAD) && !repeatable(&op::COMPLETE_UPLOAD));
    }
}
