//! A valid OpenAPI document becomes one that progenitor 0.15 takes, and that is kind at run time.
//!
//! Pure JSON to JSON, one pass for each thing that real documents do. A pass names why it exists; its test shows it.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Map, Value, json};

/// All passes, in order. What is left to write by hand is marked `x-manual`.
pub(crate) fn normalize(document: &mut Value) -> Result<()> {
    name_operations(document)?;
    lower_path_parameters(document);
    one_request_media_type(document);
    only_success(document);
    mark_manual(document);
    describe_json(document);
    open_enums(document);
    loosen_schemas(document);
    optional_may_be_null(document);
    Ok(())
}

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Each operation with its path and method.
pub(crate) fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    document["paths"].as_object().into_iter().flatten().flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten().filter(|(method, _)| METHODS.contains(&method.as_str()));
        methods.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

fn for_each_operation(document: &mut Value, mut work: impl FnMut(&str, &str, &mut Value)) {
    for (path, item) in document["paths"].as_object_mut().into_iter().flatten() {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            if METHODS.contains(&method.as_str()) {
                work(path, method, operation);
            }
        }
    }
}

/// Every schema object of the document, the outermost first.
fn for_each_schema(value: &mut Value, work: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(map) => {
            let is_schema = ["type", "$ref", "properties", "items", "allOf", "anyOf", "oneOf", "enum", "nullable"]
                .iter()
                .any(|key| map.contains_key(*key));
            if is_schema {
                work(map);
            }
            map.iter_mut().filter(|(key, _)| *key != "example").for_each(|(_, value)| for_each_schema(value, work));
        }
        Value::Array(items) => items.iter_mut().for_each(|value| for_each_schema(value, work)),
        _ => {}
    }
}

/// progenitor names methods by `operationId` and refuses a document in which one is missing or stands twice: it is the
/// overlay's task to name them well, and this pass's to say which.
fn name_operations(document: &Value) -> Result<()> {
    let mut seen = std::collections::HashSet::new();
    for (path, method, operation) in operations(document) {
        let id = operation["operationId"].as_str();
        let id = id.with_context(|| format!("{method} {path} has no operationId: give it one in the overlay"))?;
        ensure!(seen.insert(id), "operationId {id} stands twice");
    }
    Ok(())
}

/// Parameters that stand at the path belong to each of its operations, of which progenitor and we read them; a path
/// parameter that the template does not hold can't be sent.
fn lower_path_parameters(document: &mut Value) {
    for (path, item) in document["paths"].as_object_mut().into_iter().flatten() {
        let Some(item) = item.as_object_mut() else { continue };
        let shared = item.shift_remove("parameters").and_then(|it| it.as_array().cloned()).unwrap_or_default();
        for (_, operation) in item.iter_mut().filter(|(method, _)| METHODS.contains(&method.as_str())) {
            let own = operation["parameters"].as_array().cloned().unwrap_or_default();
            let is_own = |it: &Value| own.iter().any(|own| own["name"] == it["name"] && own["in"] == it["in"]);
            let mut all: Vec<Value> = shared.iter().filter(|it| !is_own(it)).cloned().collect();
            all.extend(own);
            all.retain(|it| {
                it["in"] != "path" || path.contains(&format!("{{{}}}", it["name"].as_str().unwrap_or_default()))
            });
            operation["parameters"] = all.into();
        }
    }
}

/// ASP.NET offers each JSON body as `application/json`, `text/json` and `application/*+json`; progenitor takes one.
fn one_request_media_type(document: &mut Value) {
    for_each_operation(document, |_, _, operation| {
        if let Some(content) = operation.pointer_mut("/requestBody/content").and_then(Value::as_object_mut) {
            keep_best(content);
        }
    });
}

/// progenitor takes one type for all successes. And it reads an error's body only if it is what the document says; but
/// servers and the proxies before them send HTML, problem+json, an envelope, or nothing. So no error answer is declared:
/// each arrives whole, as `Error::UnexpectedResponse`, and the SDK reads what is there.
fn only_success(document: &mut Value) {
    for_each_operation(document, |_, _, operation| {
        let Some(responses) = operation["responses"].as_object_mut() else { return };
        responses.retain(|status, _| status.starts_with('2'));
        // Of several successes the one with a body says the most; the others share its type.
        let best = responses.iter().find(|(_, it)| it.get("content").is_some()).or(responses.iter().next());
        let mut best = best.map_or(json!({ "description": "Success" }), |(_, it)| it.clone());
        let statuses = responses.len();
        let status = responses.keys().next().cloned().filter(|_| statuses == 1).unwrap_or("2XX".to_owned());
        if let Some(content) = best.get_mut("content").and_then(Value::as_object_mut) {
            keep_best(content);
        }
        // Headers are read from the answer, not from the document.
        best.as_object_mut().map(|best| best.shift_remove("headers"));
        *responses = Map::from_iter([(status, best)]);
    });
}

/// JSON where it is offered; else the first media type.
fn keep_best(content: &mut Map<String, Value>) {
    let best = if content.contains_key("application/json") {
        "application/json"
    } else {
        content.keys().next().map_or("", |it| it)
    };
    let best = best.to_owned();
    content.retain(|media, _| *media == best);
}

/// What progenitor can't express is written by hand: forms of parts, bodies and answers that are not JSON and need a
/// media type named in a header, redirects that the caller must see.
fn mark_manual(document: &mut Value) {
    for_each_operation(document, |_, _, operation| {
        let media = |it: Option<&Value>| it.and_then(Value::as_object)?.keys().next().cloned();
        let request = media(operation.pointer("/requestBody/content"));
        let response = operation["responses"].as_object().and_then(|it| it.values().next());
        let response = media(response.and_then(|it| it.get("content")));
        let plain = |media: &Option<String>| media.as_deref().is_none_or(|media| media == "application/json");
        if !plain(&request) || !plain(&response) {
            operation["x-manual"] = true.into();
        }
    });
}

/// A JSON answer without a schema stops progenitor (`todo!`); any JSON is what it is.
fn describe_json(document: &mut Value) {
    for_each_operation(document, |_, _, operation| {
        for (_, response) in operation["responses"].as_object_mut().into_iter().flatten() {
            if let Some(json) = response.pointer_mut("/content/application~1json").and_then(Value::as_object_mut) {
                json.entry("schema").or_insert(json!({}));
            }
        }
    });
}

/// A closed enum fails a whole list on the first value that a newer server has; and `+uri`, `-uri`, `uri` are no three
/// names of Rust. So an enum is the text that it is.
fn open_enums(document: &mut Value) {
    for_each_schema(document, &mut |schema| {
        if schema.get("type").is_some_and(|kind| kind == "string") {
            schema.shift_remove("enum");
        }
    });
}

/// What a server sends is not always what its document promises: times without an offset, relative URIs, ids of another
/// form, names longer than allowed, fields that came later. None of it may fail a list.
fn loosen_schemas(document: &mut Value) {
    for_each_schema(document, &mut |schema| {
        if schema.get("type").is_some_and(|kind| kind == "string") {
            for key in ["minLength", "maxLength", "pattern"] {
                schema.shift_remove(key);
            }
            if schema.get("format").is_some_and(|format| format != "binary") {
                schema.shift_remove("format");
            }
        }
        for key in ["minimum", "maximum", "minItems", "maxItems", "default"] {
            schema.shift_remove(key);
        }
        if schema.get("additionalProperties") == Some(&json!(false)) {
            schema.shift_remove("additionalProperties");
        }
    });
}

/// Servers send `null` for what they don't have, whether `nullable` stands there or not. Without the mark a list that is
/// `null` fails the whole answer.
fn optional_may_be_null(document: &mut Value) {
    for_each_schema(document, &mut |schema| {
        let required = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
        for (name, property) in schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
            if !required.iter().any(|it| it == name.as_str())
                && let Some(property) = property.as_object_mut().filter(|it| it.contains_key("type"))
            {
                property.insert("nullable".to_owned(), true.into());
            }
        }
    });
}

#[cfg(test)]
mod tests;
