//! A request, whichever way it was put: DataSift took JSON, forms and queries for the same things.

use std::collections::BTreeMap;

use http::{HeaderMap, header};
use serde_json::{Map, Value};

use super::answer::{bad, missing};
use crate::answer::Answer;

/// What ends an operation early.
pub(super) type Refused<T = Answer> = Result<T, Answer>;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// The account by its own key.
    Account,
    /// One of its identities, by id.
    Identity(String),
}

/// A request to one of the operations.
#[derive(Debug)]
pub(super) struct Ask {
    pub id: &'static str,
    /// What stands in the path.
    pub path: BTreeMap<&'static str, String>,
    /// What stands in the query and the body; the body wins.
    pub given: Map<String, Value>,
    /// The `x` in `v1.x`.
    pub version: u8,
    pub who: Who,
}

impl Ask {
    pub fn path(&self, name: &str) -> &str {
        self.path.get(name).map_or("", String::as_str)
    }

    /// A parameter as text, if there is one that says something.
    pub fn text(&self, name: &str) -> Option<String> {
        match self.given.get(name)? {
            Value::String(text) if text.is_empty() => None,
            Value::String(text) => Some(text.clone()),
            Value::Null => None,
            other => Some(other.to_string()),
        }
    }

    pub fn needed(&self, name: &str) -> Refused<String> {
        self.text(name).ok_or_else(|| bad(&format!("Missing param '{name}'")))
    }

    /// A number, also one in digits.
    pub fn number(&self, name: &str) -> Option<i64> {
        match self.given.get(name)? {
            Value::String(text) => text.trim().parse().ok(),
            other => other.as_i64(),
        }
    }

    pub fn needed_number(&self, name: &str) -> Refused<i64> {
        self.needed(name)?;
        self.number(name).ok_or_else(|| bad(&format!("{name} must be an integer")))
    }

    /// JSON, also as text.
    pub fn json(&self, name: &str) -> Option<Value> {
        match self.given.get(name)? {
            Value::String(text) => serde_json::from_str(text).ok().or_else(|| Some(Value::String(text.clone()))),
            Value::Null => None,
            other => Some(other.clone()),
        }
    }

    /// A list, also as JSON in text; what names things may be separated by commas.
    pub fn list(&self, name: &str) -> Option<Vec<Value>> {
        match self.json(name)? {
            Value::Array(list) => Some(list),
            Value::String(text) => Some(text.split(',').map(|it| it.trim().into()).collect()),
            other => Some(vec![other]),
        }
    }

    pub fn needed_list(&self, name: &str) -> Refused<Vec<Value>> {
        self.list(name).filter(|it| !it.is_empty()).ok_or_else(|| bad(&format!("Missing param '{name}'")))
    }

    pub fn flag(&self, name: &str) -> Option<bool> {
        match self.text(name)?.as_str() {
            "1" | "true" => Some(true),
            "0" | "false" => Some(false),
            _ => None,
        }
    }

    /// The page that is asked for, of these: it, and what belongs in its envelope.
    pub fn page(&self, all: Vec<Value>, size_name: &str, usual: usize) -> Refused<Page> {
        let positive = |name: &str, usual: usize| match self.text(name) {
            None => Ok(usual),
            Some(text) => match text.parse::<usize>() {
                Ok(n @ 1..) => Ok(n),
                _ => Err(bad(&format!("{name} must be a positive integer"))),
            },
        };
        let (page, per_page) = (positive("page", 1)?, positive(size_name, usual)?);
        let (count, pages) = (all.len(), all.len().div_ceil(per_page));
        let items = all.into_iter().skip((page - 1).saturating_mul(per_page)).take(per_page).collect();
        Ok(Page { items, count, page, pages, per_page })
    }
}

/// A page of a list.
pub(super) struct Page {
    pub items: Vec<Value>,
    pub count: usize,
    page: usize,
    pages: usize,
    per_page: usize,
}

impl Page {
    /// Count, page, pages, page size and the items under this name.
    pub fn envelope(self, name: &str) -> Value {
        let Self { items, count, page, pages, per_page } = self;
        serde_json::json!({ "count": count, "page": page, "pages": pages, "per_page": per_page, name: items })
    }
}

/// What is given in a query and a body.
pub(super) fn given(query: &str, headers: &HeaderMap, body: &[u8]) -> Refused<Map<String, Value>> {
    let mut given = form(query.as_bytes());
    let media = headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default();
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(given);
    }
    if media.starts_with("application/x-www-form-urlencoded") {
        given.extend(form(body));
    } else {
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => given.extend(fields),
            // PHP writes an empty object so.
            Ok(Value::Array(list)) if list.is_empty() => {}
            _ => return Err(bad("The request body is not a valid JSON object")),
        }
    }
    Ok(given)
}

/// Fields of a form; `output_params.host` is `host` in `output_params`.
fn form(text: &[u8]) -> Map<String, Value> {
    let mut fields = Map::new();
    for (name, value) in url::form_urlencoded::parse(text) {
        match name.split_once('.') {
            None => {
                fields.insert(name.into_owned(), value.into());
            }
            Some((outer, inner)) => {
                if let Value::Object(nested) = fields.entry(outer).or_insert_with(|| Value::Object(Map::new())) {
                    nested.insert(inner.to_owned(), value.into());
                }
            }
        }
    }
    fields
}

/// Whether a text can name a stream.
pub(super) fn is_hash(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|it| it.is_ascii_hexdigit())
}

/// The one of a kind that a parameter names.
pub(super) fn found<T>(what: Option<T>, text: &str) -> Refused<T> {
    what.ok_or_else(|| missing(text))
}
