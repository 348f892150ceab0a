//! Cocaine's values as JSON, and back.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Map, Value as Json, json};
use whimbrel::cocaine::Value;

use crate::exit::{Done, Failure};

/// Text is a string, other bytes are `{"base64": ..}`; a map whose keys are no text is a list of pairs.
pub(super) fn to_json(value: &Value) -> Json {
    match value {
        Value::Nil => Json::Null,
        Value::Bool(yes) => json!(yes),
        Value::Unsigned(number) => json!(number),
        Value::Negative(number) => json!(number),
        Value::Float(number) => json!(number),
        Value::Raw(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => json!(text),
            Err(_) => json!({ "base64": BASE64_STANDARD.encode(bytes) }),
        },
        Value::Array(items) => items.iter().map(to_json).collect(),
        Value::Map(pairs) => {
            let named = pairs.iter().map(|(key, value)| Some((key.as_str()?.to_owned(), to_json(value))));
            match named.collect::<Option<Map<_, _>>>() {
                Some(object) => Json::Object(object),
                None => pairs.iter().map(|(key, value)| json!([to_json(key), to_json(value)])).collect(),
            }
        }
        Value::Extension(kind, bytes) => json!({ "extension": kind, "base64": BASE64_STANDARD.encode(bytes) }),
    }
}

fn of_json(json: Json) -> Value {
    match json {
        Json::Null => Value::Nil,
        Json::Bool(yes) => yes.into(),
        Json::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(number), _) => number.into(),
            (None, Some(number)) => number.into(),
            _ => number.as_f64().unwrap_or(f64::NAN).into(),
        },
        Json::String(text) => text.into(),
        Json::Array(items) => Value::Array(items.into_iter().map(of_json).collect()),
        Json::Object(pairs) => Value::Map(pairs.into_iter().map(|(key, it)| (key.into(), of_json(it))).collect()),
    }
}

/// An argument of the command line.
pub(super) fn argument(text: &str) -> Done<Value> {
    if let Some(path) = text.strip_prefix('@') {
        let read = std::fs::read(path).map_err(|e| Failure::Usage(format!("{path}: {e}")))?;
        return Ok(read.into());
    }
    Ok(serde_json::from_str(text).map_or_else(|_| text.into(), of_json))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_json_or_text() {
        for (text, value) in [
            ("hello", Value::from("hello")),
            ("42", 42.into()),
            ("\"42\"", "42".into()),
            ("-1.5", (-1.5).into()),
            ("[1, \"a\"]", vec![Value::from(1), "a".into()].into()),
            ("{\"a\": null}", Value::Map(vec![("a".into(), Value::Nil)])),
            ("", "".into()),
        ] {
            assert_eq!(argument(text).unwrap(), value, "{text}");
        }
        assert!(argument("@/no/such/file").is_err());
    }

    #[test]
    fn bytes_that_are_no_text_are_told_so() {
        assert_eq!(to_json(&vec![0xffu8].into()), json!({ "base64": "/w==" }));
        let odd = Value::Map(vec![(1.into(), "one".into())]);
        assert_eq!(to_json(&odd), json!([[1, "one"]]));
    }
}
