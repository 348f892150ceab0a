//! What this client knows of Coscine beyond its document: how long answers stay true, what a write makes old, what
//! may be repeated, and the rate limit.

use std::time::Duration;

use middleware::Operation;
use raw::coscine::operations as op;

const MINUTE: Duration = Duration::from_secs(60);

/// 500 requests in a minute (Coscine's documentation, "API"); beyond that a client may be ignored for some time.
pub(crate) const QUOTA: (u32, Duration) = (500, MINUTE);

/// Whether sending an operation twice has the effect of sending it once. Each `PUT` of content or metadata makes a new
/// version, and an old version keeps its quota for 7 days, so these are not what HTTP says of `PUT`.
pub(crate) fn repeatable(operation: &Operation) -> bool {
    let versioned = [&op::PUT_STORAGE_RAW, &op::UPDATE_BLOB, &op::CREATE_METADATA_VERSION, &op::UPDATE_METADATA_TREE];
    operation.is_idempotent() && !versioned.contains(&operation)
}
