//! What a storage tells of its objects. Nothing is fetched from there, so only removals have an effect on the real one's
//! index; here none has, as nothing lies in the bucket that the plugin knows by default.

use http::{StatusCode, header};
use serde_json::Value;

use super::{Ask, Refused, answer, answer::problem};

/// The bucket that the plugin's configuration names unless it is told another.
const BUCKET: &str = "bucket";

/// Takes a notification of S3; NetApp's are forms, and their tests say nothing.
pub(super) fn notify(ask: &Ask) -> Refused {
    let bad = || problem(StatusCode::BAD_REQUEST);
    let media = ask.headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok()).ok_or_else(bad)?;
    if media.starts_with("application/x-www-form-urlencoded") {
        return Ok(answer::ok(&Value::Null));
    }
    let record = ask.body.as_ref().and_then(|it| it.pointer("/Records/0")).ok_or_else(bad)?;
    let (Some(event), Some(what)) = (record["eventName"].as_str(), record.get("s3")) else { return Err(bad()) };
    let is_of_objects = event.contains("ObjectCreated:") || event.contains("ObjectRemoved:");
    let is_whole = what.pointer("/bucket/name").is_some_and(|it| it == BUCKET) && what.pointer("/object/key").is_some();
    if is_of_objects && !is_whole {
        return Err(bad());
    }
    Ok(answer::ok(&Value::Null))
}
