//! Times as dserver tells them: seconds since 1970, as a number (`1795257297.626212`) or as text, or a date-time in text.
//! Lists by SQL have microseconds, searches by MongoDB milliseconds of the same time.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde::{Deserializer, Serializer};
use serde_json::Value;

/// The time that a value tells; none where it tells none. Nanoseconds of a float are noise, so microseconds are the end.
pub(crate) fn read(value: &Value) -> Option<Timestamp> {
    let seconds = |seconds: f64| {
        let micros = (seconds * 1e6).round();
        (micros.abs() < 9e18).then(|| Timestamp::from_microsecond(micros as i64).ok()).flatten()
    };
    match value {
        Value::Number(number) => seconds(number.as_f64()?),
        Value::String(text) => {
            let text = text.trim();
            let zoneless = || Some(text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp());
            text.parse().ok().and_then(seconds).or_else(|| text.parse().ok()).or_else(zoneless)
        }
        _ => None,
    }
}

/// Seconds since 1970, as dserver sends them.
pub(crate) fn seconds(time: Timestamp) -> f64 {
    time.as_microsecond() as f64 / 1e6
}

/// For serde: a field that may hold a time, or nothing, or what nobody can read; a list must not fail by it.
pub(crate) mod maybe {
    use super::{Deserializer, Serializer, Timestamp, Value};
    use serde::Deserialize as _;

    #[allow(clippy::ref_option)]
    pub(crate) fn serialize<S: Serializer>(time: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => serializer.serialize_f64(super::seconds(*time)),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
        Ok(super::read(&Value::deserialize(deserializer)?))
    }
}

/// For serde: a field that has to hold a time.
pub(crate) mod told {
    use super::{Deserializer, Serializer, Timestamp, Value};
    use serde::{Deserialize as _, de::Error as _};

    pub(crate) fn serialize<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(super::seconds(*time))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        let value = Value::deserialize(deserializer)?;
        super::read(&value)
            .ok_or_else(|| D::Error::custom(format!("{value} is no time: seconds since 1970, or RFC 3339")))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_time_is_read_from_whatever_holds_one() {
        let told = |value: Value| read(&value).map(|time| time.to_string());
        let expected = Some("2026-11-21T10:34:57.626212Z".to_owned());
        assert_eq!(told(json!(1_795_257_297.626_212)), expected);
        assert_eq!(told(json!("1795257297.626212")), expected);
        assert_eq!(told(json!("2026-11-21T10:34:57.626212Z")), expected);
        assert_eq!(told(json!("2026-11-21T11:34:57.626212+01:00")), expected);
        assert_eq!(told(json!("2026-11-21 10:34:57.626212")), expected, "without a zone it is UTC");
        assert_eq!(told(json!(0)), Some("1970-01-01T00:00:00Z".to_owned()));
        for nothing in [json!(null), json!(""), json!("soon"), json!(1e300), json!([1])] {
            assert_eq!(told(nothing.clone()), None, "{nothing}");
        }
    }

    #[test]
    fn a_time_that_has_to_be_there_is_told_if_it_is_none() {
        #[derive(Debug, serde::Deserialize)]
        struct Told {
            #[serde(with = "told")]
            at: Timestamp,
        }
        let read = |at: Value| serde_json::from_value::<Told>(json!({ "at": at })).map(|it| it.at.as_second());
        assert_eq!(read(json!("1970-01-01T00:00:02Z")).unwrap(), read(json!(2.0)).unwrap());
        assert!(read(json!("soon")).unwrap_err().to_string().contains("\"soon\" is no time"));
    }

    #[test]
    fn what_is_sent_back_is_what_came() {
        let time = read(&json!(1_795_257_297.626_212)).unwrap();
        assert_eq!(json!(seconds(time)), json!(1_795_257_297.626_212));
    }
}
