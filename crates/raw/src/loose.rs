//! Values of a service whose language tells neither numbers from text nor an empty object from an empty list.

use std::{fmt, ops::Deref};

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

/// A moment: seconds since 1970 as a number or as digits in a text, `YYYY-MM-DD HH:MM:SS` (which is UTC), as in mail
/// (RFC 2822), or as in RFC 3339. 0, null and an empty text stand for none.
///
/// It is written as in RFC 3339, so with its zone.
///
/// ```
/// use whimbrel_raw::loose::Time;
///
/// let read = |json| serde_json::from_str::<Time>(json).unwrap();
/// assert_eq!(read("1425571635"), read(r#""2015-03-05 16:07:15""#));
/// assert_eq!(read("0").at(), None);
/// assert_eq!(serde_json::to_string(&read(r#""1425571635""#)).unwrap(), r#""2015-03-05T16:07:15Z""#);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Time {
    /// None: it never ends, it has not begun.
    Never,
    /// A moment.
    At(Timestamp),
    /// What is none of these, as it came.
    Other(Value),
}

impl Time {
    /// The moment, if it is one.
    pub fn at(&self) -> Option<Timestamp> {
        match self {
            Self::At(at) => Some(*at),
            Self::Never | Self::Other(_) => None,
        }
    }

    fn read(value: &Value) -> Option<Self> {
        let seconds = match value {
            Value::Null => return Some(Self::Never),
            Value::String(text) if text.trim().is_empty() => return Some(Self::Never),
            Value::String(text) => match text.trim().parse() {
                Ok(seconds) => seconds,
                Err(_) => return Self::read_text(text.trim()).map(Self::At),
            },
            #[allow(clippy::cast_possible_truncation)]
            number => number.as_i64().or_else(|| number.as_f64().map(|it| it as i64))?,
        };
        if seconds == 0 { Some(Self::Never) } else { Timestamp::from_second(seconds).ok().map(Self::At) }
    }

    fn read_text(text: &str) -> Option<Timestamp> {
        let civil = || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|it| it.timestamp());
        let mail = || jiff::fmt::rfc2822::parse(text).ok().map(|it| it.timestamp());
        text.parse().ok().or_else(mail).or_else(civil)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(from)?;
        Ok(Self::read(&value).unwrap_or(Self::Other(value)))
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Never => to.serialize_none(),
            Self::At(at) => to.collect_str(at),
            Self::Other(value) => value.serialize(to),
        }
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never => f.write_str("never"),
            Self::At(at) => at.fmt(f),
            Self::Other(value) => value.fmt(f),
        }
    }
}

/// A number, the same in a text, or nothing legible.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number(pub Option<f64>);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self(match Value::deserialize(from)? {
            Value::String(text) => text.trim().parse().ok(),
            value => value.as_f64(),
        }))
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

/// An object, which comes as `[]` where it is empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object(pub Map<String, Value>);

impl Deref for Object {
    type Target = Map<String, Value>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match Value::deserialize(from)? {
            Value::Object(map) => Ok(Self(map)),
            Value::Null => Ok(Self::default()),
            Value::Array(items) if items.is_empty() => Ok(Self::default()),
            // What PHP makes of an object whose keys are 0, 1, 2...
            Value::Array(items) => {
                Ok(Self(items.into_iter().enumerate().map(|(i, item)| (i.to_string(), item)).collect()))
            }
            other => Err(serde::de::Error::custom(format!("an object was expected, not {other}"))),
        }
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

/// A text that is a secret, such as an API key: no `Debug` shows it. It is written as it is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The secret itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_written_and_not_shown() {
        let secret: Secret = serde_json::from_str(r#""k3y""#).unwrap();
        assert_eq!((secret.reveal(), serde_json::to_string(&secret).unwrap().as_str()), ("k3y", r#""k3y""#));
        assert!(!format!("{secret:?}").contains("k3y"));
    }

    fn time(json: &str) -> Time {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_moment_is_read_in_each_form_it_was_seen_in() {
        let moment = time("1425571635").at().unwrap();
        for form in [
            r#""1425571635""#,
            r#""2015-03-05 16:07:15""#,
            r#""Thu, 05 Mar 2015 16:07:15 +0000""#,
            r#""Thu, 05 Mar 2015 17:07:15 +0100""#,
            r#""2015-03-05T16:07:15Z""#,
            "1425571635.0",
        ] {
            assert_eq!(time(form).at(), Some(moment), "{form}");
        }
    }

    #[test]
    fn none_is_none_and_what_is_no_moment_is_kept_as_it_came() {
        for form in ["0", r#""""#, r#""0""#, "null"] {
            assert_eq!(time(form), Time::Never, "{form}");
        }
        for form in [r#""soon""#, "true", r#"{"a":1}"#, "99999999999999999"] {
            assert_eq!(time(form).at(), None, "{form}");
            assert_eq!(serde_json::to_string(&time(form)).unwrap(), form);
        }
    }

    #[test]
    fn a_price_is_a_number_however_it_is_written() {
        let read = |json| serde_json::from_str::<Number>(json).unwrap().0;
        assert_eq!((read(r#""0.1""#), read("0.1"), read("2")), (Some(0.1), Some(0.1), Some(2.0)));
        assert_eq!((read("null"), read(r#""free""#)), (None, None));
    }

    #[test]
    fn an_empty_object_may_be_an_empty_list() {
        let read = |json| serde_json::from_str::<Object>(json);
        assert_eq!(read("[]").unwrap(), Object::default());
        assert_eq!(read(r#"{"a":1}"#).unwrap()["a"], 1);
        assert_eq!(read(r#"["x"]"#).unwrap()["0"], "x");
        assert!(read("7").is_err());
    }
}
