//! Bodies and queries as marshmallow reads them: what fits is taken over, what does not is told by field, in its words.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{Ask, Refused, answer};
use crate::answer::Answer;

/// What a field may hold.
pub(super) enum Kind {
    Text,
    /// Text of so many characters, at most.
    Short(usize),
    /// A number, or the text of one.
    Integer,
    Float,
    Truth,
    /// In any form that Python reads; written in its canonical one.
    Uuid,
    Map,
    List(&'static Self),
    /// An object of these fields, and no other.
    Fields(&'static [Field]),
    /// An object whose values are all of a kind.
    MapOf(&'static Self),
    Any,
}

/// A field's name, what it holds, and what is asked of it.
pub(super) struct Field {
    name: &'static str,
    kind: Kind,
    nullable: bool,
    required: bool,
}

impl Field {
    pub const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, nullable: false, required: false }
    }

    pub const fn nullable(self) -> Self {
        Self { nullable: true, ..self }
    }

    pub const fn required(self) -> Self {
        Self { required: true, ..self }
    }
}

/// What is said of a body that is no JSON.
pub(super) fn broken_json() -> Answer {
    answer::invalid(StatusCode::BAD_REQUEST, "json", json!(["Invalid JSON body."]))
}

/// The body of a request, as these fields have it; an empty one is an object without any.
pub(super) fn body(ask: &Ask, fields: &[Field]) -> Refused<Map<String, Value>> {
    let empty = Map::new().into();
    load(fields, ask.body.as_ref().unwrap_or(&empty))
        .map_err(|errors| answer::invalid(StatusCode::UNPROCESSABLE_ENTITY, "json", errors))
}

/// The query of a request. What is not among the fields is not looked at; a list is what comes more than once.
pub(super) fn query(ask: &Ask, fields: &[Field]) -> Refused<Map<String, Value>> {
    let mut given = Map::new();
    for field in fields {
        let mut values =
            ask.query.iter().filter(|(key, _)| key == field.name).map(|(_, value)| Value::from(value.as_str()));
        let value = match field.kind {
            Kind::List(_) => Some(values.collect::<Vec<_>>()).filter(|it| !it.is_empty()).map(Value::from),
            _ => values.next(),
        };
        if let Some(value) = value {
            given.insert(field.name.to_owned(), value);
        }
    }
    load(fields, &given.into()).map_err(|errors| answer::invalid(StatusCode::UNPROCESSABLE_ENTITY, "query", errors))
}

/// An object of these fields; the errors by field, else.
fn load(fields: &[Field], given: &Value) -> Result<Map<String, Value>, Value> {
    let Some(given) = given.as_object() else { return Err(json!({ "_schema": ["Invalid input type."] })) };
    let (mut loaded, mut errors) = (Map::new(), Map::new());
    for field in fields {
        match given.get(field.name) {
            None if field.required => {
                errors.insert(field.name.to_owned(), json!(["Missing data for required field."]));
            }
            None => {}
            Some(Value::Null) if field.nullable => drop(loaded.insert(field.name.to_owned(), Value::Null)),
            Some(value) => match take(&field.kind, value) {
                Ok(value) => drop(loaded.insert(field.name.to_owned(), value)),
                Err(error) => drop(errors.insert(field.name.to_owned(), error)),
            },
        }
    }
    for unknown in given.keys().filter(|key| !fields.iter().any(|it| it.name == *key)) {
        errors.insert(unknown.clone(), json!(["Unknown field."]));
    }
    if errors.is_empty() { Ok(loaded) } else { Err(errors.into()) }
}

fn take(kind: &Kind, given: &Value) -> Result<Value, Value> {
    let fits = |fits: bool, message: &str| if fits { Ok(given.clone()) } else { Err(json!([message])) };
    match kind {
        Kind::Any => Ok(given.clone()),
        _ if given.is_null() => Err(json!(["Field may not be null."])),
        Kind::Text => fits(given.is_string(), "Not a valid string."),
        Kind::Short(most) => {
            let text = given.as_str().ok_or_else(|| json!(["Not a valid string."]))?;
            fits(text.chars().count() <= *most, &format!("Longer than maximum length {most}."))
        }
        Kind::Integer => {
            let number = match given {
                Value::Number(it) => it.as_i64().or_else(|| it.as_f64().map(|it| it as i64)),
                Value::String(it) => it.trim().parse().ok(),
                Value::Bool(it) => Some(i64::from(*it)),
                _ => None,
            };
            number.map(Value::from).ok_or_else(|| json!(["Not a valid integer."]))
        }
        Kind::Float => {
            let number = match given {
                Value::Number(it) => it.as_f64(),
                Value::String(it) => it.trim().parse().ok(),
                _ => None,
            };
            number.map(Value::from).ok_or_else(|| json!(["Not a valid number."]))
        }
        Kind::Truth => {
            let text = match given {
                Value::Bool(it) => it.to_string(),
                Value::Number(it) => it.to_string(),
                Value::String(it) => it.to_lowercase(),
                _ => String::new(),
            };
            match text.as_str() {
                "true" | "t" | "yes" | "y" | "on" | "1" => Ok(true.into()),
                "false" | "f" | "no" | "n" | "off" | "0" => Ok(false.into()),
                _ => Err(json!(["Not a valid boolean."])),
            }
        }
        Kind::Uuid => {
            let hex: String = given.as_str().unwrap_or_default().chars().filter(|it| *it != '-').collect();
            let hex = hex.trim_start_matches("urn:uuid:").trim_matches(['{', '}']).to_lowercase();
            if hex.len() != 32 || !hex.bytes().all(|it| it.is_ascii_hexdigit()) {
                return Err(json!(["Not a valid UUID."]));
            }
            let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
            Ok(parts.join("-").into())
        }
        Kind::Map => fits(given.is_object(), "Not a valid mapping type."),
        Kind::Fields(fields) => load(fields, given).map(Value::from),
        Kind::List(kind) => {
            let items = given.as_array().ok_or_else(|| json!(["Not a valid list."]))?;
            each(items.iter().enumerate().map(|(n, it)| (n.to_string(), take(kind, it)))).map(|it| {
                let items = it.into_iter().map(|(_, value)| value);
                items.collect()
            })
        }
        Kind::MapOf(kind) => {
            let fields = given.as_object().ok_or_else(|| json!(["Not a valid mapping type."]))?;
            let taken = fields
                .iter()
                .map(|(name, it)| (name.clone(), take(kind, it).map_err(|error| json!({ "value": error }))));
            each(taken).map(|it| it.into_iter().collect())
        }
    }
}

/// All of these, or what is wrong with some of them.
fn each(taken: impl Iterator<Item = (String, Result<Value, Value>)>) -> Result<Vec<(String, Value)>, Value> {
    let (mut good, mut errors) = (vec![], Map::new());
    for (name, taken) in taken {
        match taken {
            Ok(value) => good.push((name, value)),
            Err(error) => drop(errors.insert(name, error)),
        }
    }
    if errors.is_empty() { Ok(good) } else { Err(errors.into()) }
}
