//! Our corrections to a document: `openapi/<service>.overlay.json`, a list of patches, each with its reason.

use anyhow::{Context as _, Result};
use serde_json::Value;

/// Applies each patch (RFC 7396) in turn.
pub(crate) fn apply(document: &mut Value, overlay: &Value) -> Result<()> {
    for patch in overlay["patches"].as_array().context("an overlay has a list of `patches`")? {
        patch["reason"].as_str().filter(|reason| !reason.is_empty()).context("a patch has a `reason`")?;
        merge(document, patch.get("merge").context("a patch has a `merge`")?);
    }
    Ok(())
}

fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        target.clone_from(patch);
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let target = target.as_object_mut().expect("made one");
    for (key, value) in patch {
        if value.is_null() {
            target.shift_remove(key);
        } else {
            merge(target.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_patch_adds_replaces_and_removes() {
        let mut document = json!({ "a": { "b": 1, "c": 2 }, "d": [1] });
        let overlay =
            json!({ "patches": [{ "reason": "shown here", "merge": { "a": { "b": null, "e": {} }, "d": [2] } }] });
        apply(&mut document, &overlay).unwrap();
        assert_eq!(document, json!({ "a": { "c": 2, "e": {} }, "d": [2] }));
    }

    #[test]
    fn a_patch_without_a_reason_is_refused() {
        assert!(apply(&mut json!({}), &json!({ "patches": [{ "merge": {} }] })).is_err());
    }
}
