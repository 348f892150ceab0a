//! What is understood of MongoDB's query language: enough to be of use, and told where it ends. Nothing is answered wrongly
//! that is answered: what is not understood is 501.
//!
//! Simplified: objects are equal whatever the order of their fields; regular expressions are those of the crate `regex`.

use std::cmp::Ordering;

use http::StatusCode;
use regex::{Regex, RegexBuilder};
use serde_json::{Map, Value};

use super::{Refused, answer, state::Dataset, text::Search};
use crate::answer::Answer;

/// What is said of what is not understood.
pub(super) fn not_understood(what: &str) -> Answer {
    answer::message(StatusCode::NOT_IMPLEMENTED, &format!("The sandbox does not understand {what}; MongoDB may."))
}

/// A query, read.
pub(super) enum Filter {
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Text(Search),
    Field(String, Test),
}

/// What is asked of a field.
pub(super) enum Test {
    Is(Value),
    In(Vec<Value>),
    All(Vec<Value>),
    Matches(Regex),
    Compares(Ordering, bool, Value),
    Exists(bool),
    Size(u64),
}

/// Fields that hold dates there, and numbers here.
fn is_date(path: &str) -> bool {
    path == "created_at" || path == "frozen_at"
}

/// A path that can be followed here.
pub(super) fn path(text: &str) -> Refused<&str> {
    match is_date(text) {
        true => Err(not_understood(&format!("values of {text}, which are dates"))),
        false => Ok(text),
    }
}

impl Filter {
    pub fn parse(query: &Map<String, Value>) -> Refused<Self> {
        let parts = query.iter().map(|(key, value)| match (key.as_str(), value) {
            ("$and", Value::Array(them)) => Ok(Self::All(Self::each(them)?)),
            ("$or", Value::Array(them)) => Ok(Self::Any(Self::each(them)?)),
            ("$nor", Value::Array(them)) => Ok(Self::Not(Box::new(Self::Any(Self::each(them)?)))),
            ("$text", it) => match it["$search"].as_str() {
                Some(words) => Ok(Self::Text(Search::parse(words))),
                None => Err(not_understood("$text without $search")),
            },
            ("$comment", _) => Ok(Self::All(vec![])),
            (key, _) if key.starts_with('$') => Err(not_understood(key)),
            (key, Value::Object(tests)) if tests.keys().any(|it| it.starts_with('$')) => {
                let tests = tests.iter().filter(|(name, _)| *name != "$options");
                Ok(Self::All(tests.map(|(name, it)| Self::test(key, name, it, value)).collect::<Refused<_>>()?))
            }
            (key, value) => Ok(Self::Field(path(key)?.to_owned(), Test::Is(value.clone()))),
        });
        Ok(Self::All(parts.collect::<Refused<_>>()?))
    }

    fn each(them: &[Value]) -> Refused<Vec<Self>> {
        let each = |it: &Value| {
            it.as_object().map_or_else(|| Err(not_understood("a condition that is no object")), Self::parse)
        };
        them.iter().map(each).collect()
    }

    /// `all` is what stands beside a test: a regular expression's options do.
    fn test(field: &str, name: &str, value: &Value, all: &Value) -> Refused<Self> {
        if is_date(field) && name != "$exists" {
            path(field)?;
        }
        let is = |test| Self::Field(field.to_owned(), test);
        let list = || value.as_array().cloned().ok_or_else(|| not_understood(&format!("{name} without a list")));
        Ok(match name {
            "$eq" => is(Test::Is(value.clone())),
            "$ne" => Self::Not(Box::new(is(Test::Is(value.clone())))),
            "$in" => is(Test::In(list()?)),
            "$nin" => Self::Not(Box::new(is(Test::In(list()?)))),
            "$all" => is(Test::All(list()?)),
            "$gt" => is(Test::Compares(Ordering::Greater, false, value.clone())),
            "$gte" => is(Test::Compares(Ordering::Greater, true, value.clone())),
            "$lt" => is(Test::Compares(Ordering::Less, false, value.clone())),
            "$lte" => is(Test::Compares(Ordering::Less, true, value.clone())),
            "$exists" => is(Test::Exists(value.as_bool().unwrap_or(value != &Value::Null && value != 0))),
            "$size" => is(Test::Size(value.as_u64().ok_or_else(|| not_understood("$size without a number"))?)),
            "$regex" => is(Test::Matches(regex(value, &all["$options"])?)),
            "$not" => match value.as_object() {
                Some(tests) => {
                    let tests = tests.iter().filter(|(name, _)| *name != "$options");
                    let tests = tests.map(|(name, it)| Self::test(field, name, it, value)).collect::<Refused<_>>()?;
                    Self::Not(Box::new(Self::All(tests)))
                }
                None => return Err(not_understood("$not without an object")),
            },
            _ => return Err(not_understood(name)),
        })
    }

    /// `dataset` is what the document was made of, if it was made of one: a text can be searched only there.
    pub fn finds(&self, document: &Value, dataset: Option<&Dataset>) -> bool {
        match self {
            Self::All(them) => them.iter().all(|it| it.finds(document, dataset)),
            Self::Any(them) => them.iter().any(|it| it.finds(document, dataset)),
            Self::Not(it) => !it.finds(document, dataset),
            Self::Text(search) => dataset.is_some_and(|dataset| search.finds(dataset)),
            Self::Field(path, test) => {
                let mut values = vec![];
                follow(document, path, &mut values);
                test.holds(&values)
            }
        }
    }
}

fn regex(pattern: &Value, options: &Value) -> Refused<Regex> {
    let (pattern, options) = (pattern.as_str(), options.as_str().unwrap_or_default());
    let pattern = pattern.ok_or_else(|| not_understood("$regex without a text"))?;
    if let Some(option) = options.chars().find(|it| !"imsx".contains(*it)) {
        return Err(not_understood(&format!("the option {option} of $regex")));
    }
    let has = |option| options.contains(option);
    let mut built = RegexBuilder::new(pattern);
    built.case_insensitive(has('i')).multi_line(has('m')).dot_matches_new_line(has('s')).ignore_whitespace(has('x'));
    built.build().map_err(|_| not_understood(&format!("the regular expression {pattern}")))
}

impl Test {
    /// Whether it holds of what a path leads to: each value there, and of a list each item, too.
    fn holds(&self, values: &[&Value]) -> bool {
        let items = || values.iter().flat_map(|it| it.as_array().into_iter().flatten());
        let all = || values.iter().copied().chain(items());
        let is = |wanted: &Value| match wanted {
            Value::Null => values.is_empty() || all().any(Value::is_null),
            wanted => all().any(|it| equal(it, wanted)),
        };
        match self {
            Self::Is(wanted) => is(wanted),
            Self::In(them) => them.iter().any(is),
            Self::All(them) => !them.is_empty() && them.iter().all(is),
            Self::Matches(regex) => all().any(|it| it.as_str().is_some_and(|text| regex.is_match(text))),
            Self::Compares(wanted, or_equal, with) => all().any(|it| {
                let order = (rank(it) == rank(with) && !it.is_null()).then(|| order(it, with));
                order.is_some_and(|it| it == *wanted || (*or_equal && it.is_eq()))
            }),
            Self::Exists(wanted) => values.is_empty() != *wanted,
            Self::Size(wanted) => values.iter().any(|it| it.as_array().is_some_and(|it| it.len() as u64 == *wanted)),
        }
    }
}

/// All that a dotted path leads to; a list on the way is each of its items.
pub(super) fn follow<'v>(value: &'v Value, path: &str, found: &mut Vec<&'v Value>) {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let go = |value: &'v Value| match rest {
        Some(rest) => follow(value, rest, found),
        None => found.push(value),
    };
    match value {
        Value::Object(fields) => fields.get(first).into_iter().for_each(go),
        Value::Array(items) => match first.parse::<usize>() {
            Ok(n) => items.get(n).into_iter().for_each(go),
            Err(_) => items.iter().filter(|it| it.is_object()).for_each(|it| follow(it, path, found)),
        },
        _ => {}
    }
}

/// What a dotted path leads to where it leads to one thing.
pub(super) fn single<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    let mut found = vec![];
    follow(value, path, &mut found);
    found.first().copied().filter(|_| found.len() == 1)
}

/// Whether two values are one; 1 and 1.0 are.
pub(super) fn equal(a: &Value, b: &Value) -> bool {
    rank(a) == rank(b) && order(a, b).is_eq()
}

/// Where values of a type come among those of others.
fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Number(_) => 1,
        Value::String(_) => 2,
        Value::Object(_) => 3,
        Value::Array(_) => 4,
        Value::Bool(_) => 5,
    }
}

/// The order of any two values.
pub(super) fn order(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => a.as_f64().partial_cmp(&b.as_f64()).unwrap_or(Ordering::Equal),
        },
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Array(a), Value::Array(b)) => {
            let items = a.iter().zip(b).map(|(a, b)| order(a, b)).find(|it| it.is_ne());
            items.unwrap_or_else(|| a.len().cmp(&b.len()))
        }
        (Value::Object(one), Value::Object(two)) if one == two => Ordering::Equal,
        (Value::Object(_), Value::Object(_)) => a.to_string().cmp(&b.to_string()),
        (a, b) => rank(a).cmp(&rank(b)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn finds(query: Value, document: &Value) -> Option<bool> {
        Filter::parse(query.as_object().unwrap()).ok().map(|it| it.finds(document, None))
    }

    #[test]
    fn a_field_is_found_by_its_path_through_lists_and_compared_within_its_type() {
        let document = json!({ "a": { "b": 3 }, "owners": [{ "name": "Ada" }, { "name": "Emmy" }], "tags": ["x", "y"], "n": null });
        for (query, expected) in [
            (json!({ "a.b": 3 }), true),
            (json!({ "a.b": 3.0 }), true),
            (json!({ "a.b": "3" }), false),
            (json!({ "owners.name": "Emmy" }), true),
            (json!({ "owners.1.name": "Ada" }), false),
            (json!({ "tags": "y" }), true),
            (json!({ "tags": ["x", "y"] }), true),
            (json!({ "tags": { "$all": ["x", "z"] } }), false),
            (json!({ "n": null, "missing": null }), true),
            (json!({ "missing": { "$exists": false } }), true),
            (json!({ "a.b": { "$gt": 2, "$lte": 3 } }), true),
            (json!({ "a.b": { "$gt": "2" } }), false),
            (json!({ "a.b": { "$in": [1, 3] } }), true),
            (json!({ "$or": [{ "a.b": 1 }, { "tags": "x" }] }), true),
            (json!({ "$nor": [{ "a.b": 1 }, { "tags": "x" }] }), false),
            (json!({ "owners.name": { "$regex": "^em", "$options": "i" } }), true),
            (json!({ "owners.name": { "$not": { "$regex": "^Em" } } }), false),
            (json!({ "a.b": { "$ne": 3 } }), false),
            (json!({ "tags": { "$size": 2 } }), true),
            (json!({}), true),
        ] {
            assert_eq!(finds(query.clone(), &document), Some(expected), "{query}");
        }
    }

    #[test]
    fn what_is_not_understood_is_refused_and_not_guessed() {
        for query in [
            json!({ "$where": "1" }),
            json!({ "a": { "$type": "string" } }),
            json!({ "frozen_at": 3 }),
            json!({ "frozen_at": { "$gt": 3 } }),
            json!({ "$and": [{ "a": { "$foo": 1 } }] }),
            json!({ "a": { "$regex": "(?<=x)" } }),
        ] {
            let refused = Filter::parse(query.as_object().unwrap()).err().map(|it| it.status());
            assert_eq!(refused, Some(StatusCode::NOT_IMPLEMENTED), "{query}");
        }
    }
}
