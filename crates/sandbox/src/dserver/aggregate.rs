//! Aggregations: the stages that count, pick and put in order.

use serde_json::{Map, Number, Value, json};

use super::{
    Ask, Refused, Service,
    mongo::{Filter, equal, follow, not_understood, order, path, single},
    page::PastTheEnd,
    state::Dataset,
};

/// A document, and the dataset that it was made of as long as it is whole.
struct Row<'d> {
    document: Value,
    dataset: Option<&'d Dataset>,
}

impl Service {
    pub(super) fn aggregate(&self, ask: &Ask) -> Refused {
        let query = self.read_query(ask)?;
        let state = self.state();
        let mut rows: Vec<Row<'_>> =
            query.seen(&state)?.into_iter().map(|it| Row { document: it.document(), dataset: Some(it) }).collect();
        for stage in query.given.get("aggregation").and_then(Value::as_array).into_iter().flatten() {
            let Some((name, what)) = stage.as_object().filter(|it| it.len() == 1).and_then(|it| it.iter().next())
            else {
                return Err(not_understood("a stage of several names, or none"));
            };
            rows = apply(name, what, rows)?;
        }
        for row in &mut rows {
            // The server unsets it last of all: it is no JSON as a rule.
            row.document.as_object_mut().map(|it| it.shift_remove("_id"));
        }
        Ok(query.page.answer(&rows, PastTheEnd::Empty, |it| it.document.clone()))
    }
}

fn apply<'d>(name: &str, what: &Value, mut rows: Vec<Row<'d>>) -> Refused<Vec<Row<'d>>> {
    let object = || what.as_object().ok_or_else(|| not_understood(&format!("{name} without an object")));
    let number = || match what.as_u64() {
        Some(number) if number > 0 || name == "$skip" => Ok(number as usize),
        _ => Err(not_understood(&format!("{name} without a number"))),
    };
    let text = || what.as_str().ok_or_else(|| not_understood(&format!("{name} without a text")));
    let made = |document| Row { document, dataset: None };
    match name {
        "$match" => {
            let filter = Filter::parse(object()?)?;
            rows.retain(|it| filter.finds(&it.document, it.dataset));
        }
        "$limit" => rows.truncate(number()?),
        "$skip" => drop(rows.drain(..number()?.min(rows.len()))),
        "$count" => {
            let (field, count) = (text()?, rows.len());
            // Nothing is not counted there.
            rows = if count == 0 { vec![] } else { vec![made(json!({ field: count }))] };
        }
        "$sort" => {
            let by: Vec<(&String, bool)> = object()?
                .iter()
                .map(|(field, way)| match way.as_i64() {
                    Some(1) => Ok((field, false)),
                    Some(-1) => Ok((field, true)),
                    _ => Err(not_understood("$sort by other than 1 and -1")),
                })
                .collect::<Refused<_>>()?;
            rows.sort_by(|a, b| {
                let value = |row: &Row<'_>, field: &str| single(&row.document, field).cloned().unwrap_or_default();
                let compared = by.iter().map(|(field, down)| {
                    let it = order(&value(a, field), &value(b, field));
                    if *down { it.reverse() } else { it }
                });
                compared.into_iter().find(|it| it.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
            });
        }
        "$unwind" => {
            let field = what.as_str().or_else(|| what["path"].as_str()).and_then(|it| it.strip_prefix('$'));
            let field = field.filter(|_| what.as_object().is_none_or(|it| it.len() == 1));
            let field = path(field.filter(|it| !it.contains('.')).ok_or_else(|| not_understood("such an $unwind"))?)?;
            rows = rows.into_iter().flat_map(|row| unwound(row.document, field)).map(made).collect();
        }
        "$unset" => {
            let fields = match what {
                Value::Array(fields) => fields.iter().filter_map(Value::as_str).collect(),
                _ => vec![text()?],
            };
            for row in &mut rows {
                for field in &fields {
                    remove(&mut row.document, field);
                }
            }
        }
        "$project" => {
            let shape = Shape::parse(object()?)?;
            rows = rows.into_iter().map(|row| made(shape.of(&row.document))).collect();
        }
        "$group" => rows = grouped(object()?, &rows)?.into_iter().map(made).collect(),
        _ => return Err(not_understood(name)),
    }
    Ok(rows)
}

fn unwound(document: Value, field: &str) -> Vec<Value> {
    match document.get(field).cloned() {
        None | Some(Value::Null) => vec![],
        Some(Value::Array(items)) => {
            let with = |item| {
                let mut document = document.clone();
                document[field] = item;
                document
            };
            items.into_iter().map(with).collect()
        }
        Some(_) => vec![document],
    }
}

fn remove(value: &mut Value, path: &str) {
    match (value, path.split_once('.')) {
        (Value::Array(items), _) => items.iter_mut().for_each(|it| remove(it, path)),
        (Value::Object(fields), None) => drop(fields.shift_remove(path)),
        (Value::Object(fields), Some((first, rest))) => {
            if let Some(it) = fields.get_mut(first) {
                remove(it, rest);
            }
        }
        _ => {}
    }
}

/// What `$project` makes of a document.
enum Shape {
    Without(Vec<String>),
    With(Vec<(String, Part)>),
}

enum Part {
    AsItIs,
    Made(Expression),
}

impl Shape {
    fn parse(given: &Map<String, Value>) -> Refused<Self> {
        let is = |value: &Value, wanted: bool| {
            value.as_bool().or_else(|| value.as_f64().map(|it| it != 0.0)).is_some_and(|it| it == wanted)
        };
        let fields = || given.iter().filter(|(name, _)| *name != "_id");
        if given.is_empty() {
            return Err(not_understood("an empty $project"));
        }
        if fields().all(|(_, value)| is(value, false)) {
            let mut without: Vec<String> = fields().map(|(name, _)| name.clone()).collect();
            without.extend(given.get("_id").filter(|it| is(it, false)).map(|_| "_id".to_owned()));
            return Ok(Self::Without(without));
        }
        let mut parts = vec![];
        for (name, value) in given {
            match value {
                value if is(value, true) => parts.push((name.clone(), Part::AsItIs)),
                value if is(value, false) && name == "_id" => {}
                value if is(value, false) => return Err(not_understood("a $project that takes and leaves")),
                value if name.contains('.') => return Err(not_understood(&format!("{value} for {name} in $project"))),
                value => parts.push((name.clone(), Part::Made(Expression::parse(value)?))),
            }
        }
        if !given.contains_key("_id") {
            parts.push(("_id".to_owned(), Part::AsItIs));
        }
        Ok(Self::With(parts))
    }

    fn of(&self, document: &Value) -> Value {
        match self {
            Self::Without(fields) => {
                let mut document = document.clone();
                for field in fields {
                    remove(&mut document, field);
                }
                document
            }
            Self::With(parts) => {
                let mut made = Value::Object(Map::new());
                for (name, part) in parts {
                    match part {
                        Part::AsItIs => take(document, name, &mut made),
                        Part::Made(expression) => {
                            if let Some(value) = expression.of(document) {
                                made[name] = value;
                            }
                        }
                    }
                }
                made
            }
        }
    }
}

/// Copies what a path leads to, with the objects and lists on the way.
fn take(from: &Value, path: &str, into: &mut Value) {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let Some(value) = from.get(first) else { return };
    let Some(rest) = rest else {
        into[first] = value.clone();
        return;
    };
    match value {
        Value::Object(_) => {
            if !into[first].is_object() {
                into[first] = Value::Object(Map::new());
            }
            take(value, rest, &mut into[first]);
        }
        Value::Array(items) => {
            let mut made = into[first].as_array().cloned().unwrap_or_default();
            made.resize_with(items.iter().filter(|it| it.is_object()).count(), || Value::Object(Map::new()));
            items.iter().filter(|it| it.is_object()).zip(&mut made).for_each(|(item, made)| take(item, rest, made));
            into[first] = made.into();
        }
        _ => {}
    }
}

/// What is computed of a document.
enum Expression {
    Path(String),
    Fixed(Value),
    Object(Vec<(String, Self)>),
}

impl Expression {
    fn parse(given: &Value) -> Refused<Self> {
        match given {
            Value::String(text) => match text.strip_prefix('$') {
                Some(it) if it.starts_with('$') => Err(not_understood(text)),
                Some(it) => Ok(Self::Path(path(it)?.to_owned())),
                None => Ok(Self::Fixed(given.clone())),
            },
            Value::Object(fields) => {
                if let Some(operator) = fields.keys().find(|it| it.starts_with('$')) {
                    return Err(not_understood(operator));
                }
                let each = |(name, value): (&String, &Value)| Ok((name.clone(), Self::parse(value)?));
                Ok(Self::Object(fields.iter().map(each).collect::<Refused<_>>()?))
            }
            Value::Array(_) => Err(not_understood("a list in an expression")),
            _ => Ok(Self::Fixed(given.clone())),
        }
    }

    /// `None` where there is nothing.
    fn of(&self, document: &Value) -> Option<Value> {
        match self {
            Self::Fixed(value) => Some(value.clone()),
            Self::Object(fields) => {
                Some(fields.iter().filter_map(|(name, it)| Some((name.clone(), it.of(document)?))).collect())
            }
            Self::Path(path) => {
                let mut found = vec![];
                follow(document, path, &mut found);
                // Through a list there is a list at its end, however many there are.
                match found[..] {
                    [] => None,
                    [one] if !crosses_list(document, path) => Some(one.clone()),
                    _ => Some(found.into_iter().cloned().collect()),
                }
            }
        }
    }
}

fn crosses_list(document: &Value, path: &str) -> bool {
    let mut value = document;
    for part in path.split('.') {
        if value.is_array() {
            return true;
        }
        match value.get(part) {
            Some(next) => value = next,
            None => return false,
        }
    }
    false
}

fn grouped(given: &Map<String, Value>, rows: &[Row<'_>]) -> Refused<Vec<Value>> {
    let by = Expression::parse(given.get("_id").ok_or_else(|| not_understood("a $group without _id"))?)?;
    let mut groups: Vec<(Value, Vec<&Value>)> = vec![];
    for row in rows {
        let key = by.of(&row.document).unwrap_or_default();
        match groups.iter_mut().find(|(it, _)| equal(it, &key)) {
            Some((_, members)) => members.push(&row.document),
            None => groups.push((key, vec![&row.document])),
        }
    }
    let mut made: Vec<Value> = groups.iter().map(|(key, _)| json!({ "_id": key })).collect();
    for (name, what) in given.iter().filter(|(name, _)| *name != "_id") {
        let Some((operator, what)) = what.as_object().filter(|it| it.len() == 1).and_then(|it| it.iter().next()) else {
            return Err(not_understood(&format!("{name} in $group")));
        };
        for (made, (_, members)) in made.iter_mut().zip(&groups) {
            made[name] = accumulated(operator, what, members)?;
        }
    }
    Ok(made)
}

fn accumulated(operator: &str, what: &Value, members: &[&Value]) -> Refused<Value> {
    if operator == "$count" {
        return Ok(members.len().into());
    }
    let expression = Expression::parse(what)?;
    let values = members.iter().filter_map(|it| expression.of(it));
    let numbers = || members.iter().filter_map(|it| expression.of(it)?.as_number().cloned());
    Ok(match operator {
        "$sum" => sum(numbers()),
        "$avg" => {
            let count = numbers().count();
            let total: f64 = numbers().filter_map(|it| it.as_f64()).sum();
            if count == 0 { Value::Null } else { (total / count as f64).into() }
        }
        "$min" => values.filter(|it| !it.is_null()).min_by(order).unwrap_or_default(),
        "$max" => values.filter(|it| !it.is_null()).max_by(order).unwrap_or_default(),
        "$push" => values.collect(),
        _ => return Err(not_understood(operator)),
    })
}

/// Whole as long as all of them are.
fn sum(numbers: impl Iterator<Item = Number>) -> Value {
    let (mut whole, mut float, mut is_whole) = (0_i64, 0.0, true);
    for number in numbers {
        match number.as_i64() {
            Some(it) => whole += it,
            None => is_whole = false,
        }
        float += number.as_f64().unwrap_or_default();
    }
    if is_whole { whole.into() } else { float.into() }
}
