//! What describes a dataset: readme, manifest, tags, annotations.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{
    Ask, Refused, Service, answer,
    answer::problem,
    datasets::texts,
    input::{self, Field, Kind},
    state::{Dataset, base_of, uri_of},
    storage::Place,
};

static README: [Field; 1] = [Field::new("readme", Kind::Text).required()];
static TAGS: [Field; 1] = [Field::new("tags", Kind::List(&Kind::Text)).required()];
static ANNOTATIONS: [Field; 1] = [Field::new("annotations", Kind::Map).required()];
static ANNOTATION: [Field; 1] = [Field::new("value", Kind::Any).required()];

impl Service {
    pub(super) fn descriptive(&self, ask: &Ask) -> Refused {
        let state = self.state();
        let user = self.known(ask, &state)?;
        let uri = uri_of(ask.path("uri"));
        if !state.may_search(&user, base_of(&uri)) {
            return Err(problem(StatusCode::FORBIDDEN));
        }
        let dataset = state.dataset(&uri).ok_or_else(|| problem(StatusCode::NOT_FOUND))?;
        Ok(answer::ok(&match ask.id {
            "get_readme" => json!({ "readme": dataset.readme }),
            "get_manifest" => dataset.manifest.clone(),
            "get_tags" => json!({ "tags": dataset.tags }),
            _ => self.annotations_of(dataset),
        }))
    }

    /// What the coming release lets one write, who may register where the dataset lies.
    pub(super) fn describe(&self, ask: &Ask) -> Refused {
        let fields: &[Field] = match ask.id {
            "replace_readme" => &README,
            "replace_tags" => &TAGS,
            "replace_annotations" => &ANNOTATIONS,
            "set_annotation" => &ANNOTATION,
            _ => &[],
        };
        let given = if fields.is_empty() { Map::new() } else { input::body(ask, fields)? };
        let mut state = self.state();
        let user = self.known(ask, &state)?;
        let uri = uri_of(ask.path("uri"));
        if !state.may_register(&user, base_of(&uri)) {
            return Err(problem(StatusCode::FORBIDDEN));
        }
        let missing = || problem(StatusCode::NOT_FOUND);
        let dataset = state.dataset_mut(&uri).ok_or_else(missing)?;
        let (tag, annotation) = (ask.path("tag"), ask.path("annotation_name"));
        match ask.id {
            "replace_readme" => given["readme"].as_str().unwrap_or_default().clone_into(&mut dataset.readme),
            "replace_tags" => dataset.tags = texts(&given["tags"]),
            "add_tag" if dataset.tags.iter().any(|it| it == tag) => {}
            "add_tag" => dataset.tags.push(tag.to_owned()),
            "remove_tag" if !dataset.tags.iter().any(|it| it == tag) => return Err(missing()),
            "remove_tag" => dataset.tags.retain(|it| it != tag),
            "replace_annotations" => {
                dataset.annotations = given["annotations"].as_object().cloned().unwrap_or_default();
            }
            "set_annotation" => drop(dataset.annotations.insert(annotation.to_owned(), given["value"].clone())),
            _ => drop(dataset.annotations.shift_remove(annotation).ok_or_else(missing)?),
        }
        dataset.index();
        let dataset = &*dataset;
        if let Some(place) = Place::of(&uri).filter(|it| self.0.storage.holds(it))
            && self.0.storage.describe(&place, dataset).is_err()
        {
            return Err(problem(StatusCode::BAD_GATEWAY));
        }
        Ok(answer::ok(&match ask.id {
            "replace_readme" => json!({ "readme": dataset.readme }),
            "replace_tags" | "add_tag" | "remove_tag" => json!({ "tags": dataset.tags }),
            _ => self.annotations_of(dataset),
        }))
    }

    /// The released server makes text of all values, as Python does.
    pub(super) fn annotations_of(&self, dataset: &Dataset) -> Value {
        let value = |value: &Value| match value {
            Value::String(_) | Value::Null => value.clone(),
            value if self.is_next() => value.clone(),
            value => python(value).into(),
        };
        let annotations: Map<String, Value> =
            dataset.annotations.iter().map(|(name, it)| (name.clone(), value(it))).collect();
        json!({ "annotations": annotations })
    }
}

/// A value as Python's `repr` writes it.
fn python(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => {
            let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
            let mut written = String::from(quote);
            for c in text.chars() {
                match c {
                    '\n' => written += "\\n",
                    '\r' => written += "\\r",
                    '\t' => written += "\\t",
                    '\\' => written += "\\\\",
                    c if c == quote => written.extend(['\\', c]),
                    c if (c as u32) < 0x20 || c as u32 == 0x7f => written += &format!("\\x{:02x}", c as u32),
                    c => written.push(c),
                }
            }
            written.push(quote);
            written
        }
        Value::Array(items) => format!("[{}]", items.iter().map(python).collect::<Vec<_>>().join(", ")),
        Value::Object(fields) => {
            let field =
                |(name, value): (&String, &Value)| format!("{}: {}", python(&name.as_str().into()), python(value));
            format!("{{{}}}", fields.iter().map(field).collect::<Vec<_>>().join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_python_writes_them() {
        let value = json!({ "a": [1, 2.5, true], "b": null, "c": "it's", "d": "x\ny" });
        assert_eq!(python(&value), r#"{'a': [1, 2.5, True], 'b': None, 'c': "it's", 'd': 'x\ny'}"#);
    }
}
