//! Pages and orders of lists, as flask-smorest's pagination and dserver's own `sort` have them.

use std::cmp::Ordering;

use http::{HeaderValue, StatusCode};
use serde_json::{Map, Value, json};

use super::{Ask, Refused, answer};
use crate::answer::Answer;

/// Which page is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    number: usize,
    size: usize,
}

/// What a page past the end is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PastTheEnd {
    /// 404, where the list comes from SQL.
    Missing,
    /// An empty list, where it comes from MongoDB.
    Empty,
}

impl Page {
    pub fn of(ask: &Ask) -> Refused<Self> {
        let mut errors = Map::new();
        let mut number = |name: &str, default: usize, most: usize| {
            let Some((_, given)) = ask.query.iter().find(|(key, _)| key == name) else { return default };
            let told = match given.trim().parse::<i64>() {
                Err(_) => "Not a valid integer.".to_owned(),
                Ok(n) if n >= 1 && n as u64 <= most as u64 => return n as usize,
                Ok(_) if most == usize::MAX => "Must be greater than or equal to 1.".to_owned(),
                Ok(_) => format!("Must be greater than or equal to 1 and less than or equal to {most}."),
            };
            errors.insert(name.to_owned(), json!([told]));
            default
        };
        let page = Self { number: number("page", 1, usize::MAX), size: number("page_size", 10, 100) };
        if errors.is_empty() {
            return Ok(page);
        }
        Err(answer::invalid(StatusCode::UNPROCESSABLE_ENTITY, "query", errors.into()))
    }

    /// The page of this list, each of whose items is written as `row` has it.
    pub fn answer<T>(self, items: &[T], past: PastTheEnd, row: impl Fn(&T) -> Value) -> Answer {
        let from = (self.number - 1).saturating_mul(self.size).min(items.len());
        let to = from.saturating_add(self.size).min(items.len());
        if past == PastTheEnd::Missing && from == to && self.number > 1 {
            return answer::problem(StatusCode::NOT_FOUND);
        }
        let rows = items[from..to].iter().map(row).collect::<Vec<_>>();
        let mut answer = answer::ok(&rows.into());
        answer.headers_mut().insert("x-pagination", header(&self.told(items.len())));
        answer
    }

    /// What `X-Pagination` says.
    fn told(self, total: usize) -> Value {
        if total == 0 {
            return json!({ "total": 0, "total_pages": 0 });
        }
        let last = total.div_ceil(self.size);
        let mut told = json!({ "total": total, "total_pages": last, "first_page": 1, "last_page": last });
        if self.number <= last {
            told["page"] = self.number.into();
            if self.number > 1 {
                told["previous_page"] = (self.number - 1).into();
            }
            if self.number < last {
                told["next_page"] = (self.number + 1).into();
            }
        }
        told
    }
}

/// By which fields a list is to be put in order, and whether backwards.
#[derive(Clone, Debug)]
pub(super) struct Sort(Vec<(String, bool)>);

impl Sort {
    /// `allowed` are the fields that may be asked for, in the order of their names; `default` the one that is not asked for.
    pub fn of(ask: &Ask, allowed: &[&str], default: &str) -> Refused<Self> {
        let given = ask.query.iter().find(|(key, _)| key == "sort").map_or("", |(_, given)| given);
        let mut fields: Vec<(String, bool)> = vec![];
        let mut errors = Map::new();
        for (n, given) in given.split(',').filter(|it| !it.is_empty()).enumerate() {
            let (name, down) = match given.strip_prefix('-') {
                Some(name) => (name, true),
                None => (given.strip_prefix('+').unwrap_or(given), false),
            };
            if !allowed.contains(&name) {
                let known: Vec<String> = ["+", "-", ""]
                    .iter()
                    .flat_map(|sign| allowed.iter().map(move |it| format!("{sign}{it}")))
                    .collect();
                errors.insert(n.to_string(), json!([format!("Must be one of: {}.", known.join(", "))]));
                continue;
            }
            // A field that comes twice keeps its first place, and goes the way it was told last.
            match fields.iter_mut().find(|(field, _)| field == name) {
                Some((_, was)) => *was = down,
                None => fields.push((name.to_owned(), down)),
            }
        }
        if !errors.is_empty() {
            return Err(answer::invalid(StatusCode::UNPROCESSABLE_ENTITY, "query", json!({ "sort": errors })));
        }
        if fields.is_empty() {
            fields.push((default.to_owned(), false));
        }
        Ok(Self(fields))
    }

    /// Puts items in order; `field` gives what an item has in a field.
    pub fn apply<T>(&self, items: &mut [T], field: impl Fn(&T, &str) -> Value) {
        items.sort_by(|a, b| {
            let compared = self.0.iter().map(|(name, down)| {
                let order = compare(&field(a, name), &field(b, name));
                if *down { order.reverse() } else { order }
            });
            compared.into_iter().find(|it| it.is_ne()).unwrap_or(Ordering::Equal)
        });
    }

    /// Adds `X-Sort` to an answer that is a list.
    pub fn tell(&self, mut answer: Answer) -> Answer {
        if answer.status() == StatusCode::OK {
            let sort: Map<String, Value> =
                self.0.iter().map(|(name, down)| (name.clone(), if *down { -1 } else { 1 }.into())).collect();
            answer.headers_mut().insert("x-sort", header(&json!({ "sort": sort })));
        }
        answer
    }
}

/// The order of two values of one type; nothing comes before something.
fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => a.as_f64().partial_cmp(&b.as_f64()).unwrap_or(Ordering::Equal),
        (a, b) => b.is_null().cmp(&a.is_null()),
    }
}

/// JSON as Python writes it, with a space after each comma and colon: no value of these headers holds either.
fn header(json: &Value) -> HeaderValue {
    let text = json.to_string().replace(',', ", ").replace(':', ": ");
    HeaderValue::try_from(text).expect("numbers and names of fields")
}
