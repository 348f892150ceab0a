//! XML Schema's data types: whether a text has the form of one, and which of two values is less.

use std::{cmp::Ordering, str::FromStr};

use oxrdf::{LiteralRef, NamedNodeRef, vocab::xsd};
use oxsdatatypes as dt;

const XSD: &str = "http://www.w3.org/2001/XMLSchema#";

/// Whether `text` is written as the data type demands; `None` for a type that this crate does not know.
///
/// Where SHACL asks no more than SPARQL knows (<https://www.w3.org/TR/shacl/#DatatypeConstraintComponent>), dates are
/// checked too: they are what people mistype.
pub(crate) fn is_well_formed(datatype: NamedNodeRef<'_>, text: &str) -> Option<bool> {
    let is = |good: bool| Some(good);
    match datatype.as_str().strip_prefix(XSD)? {
        "string" => is(true),
        "normalizedString" => is(!text.contains(['\n', '\r', '\t'])),
        "token" => is(!text.contains(['\n', '\r', '\t']) && text.trim_matches(' ') == text && !text.contains("  ")),
        "boolean" => is(dt::Boolean::from_str(text).is_ok()),
        "decimal" => is(is_decimal(text)),
        "double" | "float" => is(is_float(text)),
        "date" => is(dt::Date::from_str(text).is_ok()),
        "dateTime" => is(dt::DateTime::from_str(text).is_ok()),
        "dateTimeStamp" => is(dt::DateTime::from_str(text).is_ok_and(|it| it.timezone_offset().is_some())),
        "time" => is(dt::Time::from_str(text).is_ok()),
        "gYear" => is(dt::GYear::from_str(text).is_ok()),
        "gYearMonth" => is(dt::GYearMonth::from_str(text).is_ok()),
        "gMonth" => is(dt::GMonth::from_str(text).is_ok()),
        "gMonthDay" => is(dt::GMonthDay::from_str(text).is_ok()),
        "gDay" => is(dt::GDay::from_str(text).is_ok()),
        "duration" => is(dt::Duration::from_str(text).is_ok()),
        "dayTimeDuration" => is(dt::DayTimeDuration::from_str(text).is_ok()),
        "yearMonthDuration" => is(dt::YearMonthDuration::from_str(text).is_ok()),
        "anyURI" => is(oxiri::IriRef::parse(text).is_ok()),
        "language" => is(oxilangtag::LanguageTag::parse(text).is_ok()),
        "hexBinary" => is(text.len().is_multiple_of(2) && text.bytes().all(|b| b.is_ascii_hexdigit())),
        name => integer_range(name).map(|(low, high)| is_integer(text, low, high)),
    }
}

/// The bounds of the types that derive from `xsd:integer`; an outer `None` for no such type, an inner one for no bound.
fn integer_range(name: &str) -> Option<(Option<i128>, Option<i128>)> {
    let both = |low, high| Some((Some(low), Some(high)));
    match name {
        "integer" => Some((None, None)),
        "nonNegativeInteger" => Some((Some(0), None)),
        "positiveInteger" => Some((Some(1), None)),
        "nonPositiveInteger" => Some((None, Some(0))),
        "negativeInteger" => Some((None, Some(-1))),
        "long" => both(i64::MIN.into(), i64::MAX.into()),
        "int" => both(i32::MIN.into(), i32::MAX.into()),
        "short" => both(i16::MIN.into(), i16::MAX.into()),
        "byte" => both(i8::MIN.into(), i8::MAX.into()),
        "unsignedLong" => both(0, u64::MAX.into()),
        "unsignedInt" => both(0, u32::MAX.into()),
        "unsignedShort" => both(0, u16::MAX.into()),
        "unsignedByte" => both(0, u8::MAX.into()),
        _ => None,
    }
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['+', '-']).unwrap_or(text)
}

fn is_integer(text: &str, low: Option<i128>, high: Option<i128>) -> bool {
    let digits = unsigned(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    // A number beyond 128 bits is beyond each bound that there is.
    let value = text.parse().unwrap_or(if text.starts_with('-') { i128::MIN } else { i128::MAX });
    low.is_none_or(|low| value >= low) && high.is_none_or(|high| value <= high)
}

fn is_decimal(text: &str) -> bool {
    let digits = unsigned(text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    whole.bytes().chain(part.bytes()).all(|b| b.is_ascii_digit()) && !(whole.is_empty() && part.is_empty())
}

fn is_float(text: &str) -> bool {
    let (digits, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    matches!(text, "INF" | "+INF" | "-INF" | "NaN") || (is_decimal(digits) && is_integer(exponent, None, None))
}

/// Which of two literals is less, as SPARQL's `<` has it; `None` where it can't tell.
pub(crate) fn compare(a: LiteralRef<'_>, b: LiteralRef<'_>) -> Option<Ordering> {
    fn as_both<T: FromStr + PartialOrd>(a: &str, b: &str) -> Option<Ordering> {
        T::from_str(a).ok()?.partial_cmp(&T::from_str(b).ok()?)
    }
    let (x, y) = (a.value(), b.value());
    if is_numeric(a.datatype()) && is_numeric(b.datatype()) {
        // Exact where both fit, and by floating point beyond.
        return as_both::<dt::Decimal>(x, y).or_else(|| as_both::<dt::Double>(x, y));
    }
    if a.datatype() != b.datatype() {
        return None;
    }
    match a.datatype() {
        xsd::STRING => Some(x.cmp(y)),
        xsd::BOOLEAN => as_both::<dt::Boolean>(x, y),
        xsd::DATE => as_both::<dt::Date>(x, y),
        xsd::DATE_TIME | xsd::DATE_TIME_STAMP => as_both::<dt::DateTime>(x, y),
        xsd::TIME => as_both::<dt::Time>(x, y),
        xsd::DURATION => as_both::<dt::Duration>(x, y),
        xsd::DAY_TIME_DURATION => as_both::<dt::DayTimeDuration>(x, y),
        xsd::YEAR_MONTH_DURATION => as_both::<dt::YearMonthDuration>(x, y),
        xsd::G_YEAR => as_both::<dt::GYear>(x, y),
        xsd::G_YEAR_MONTH => as_both::<dt::GYearMonth>(x, y),
        _ => None,
    }
}

fn is_numeric(datatype: NamedNodeRef<'_>) -> bool {
    datatype
        .as_str()
        .strip_prefix(XSD)
        .is_some_and(|name| matches!(name, "decimal" | "double" | "float") || integer_range(name).is_some())
}

/// How a value of a type is written, for people who got it wrong.
pub(crate) fn example(datatype: &str) -> Option<&'static str> {
    Some(match datatype.strip_prefix(XSD)? {
        "date" => "2026-11-21",
        "dateTime" => "2026-11-21T13:45:00Z",
        "time" => "13:45:00",
        "gYear" => "2026",
        "gYearMonth" => "2026-11",
        "boolean" => "true or false",
        "decimal" | "double" | "float" => "12.5",
        "anyURI" => "https://example.org/x",
        "duration" | "dayTimeDuration" => "PT90S",
        name if integer_range(name).is_some() => "42",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use oxrdf::Literal;

    use super::*;

    #[test]
    fn forms_of_xml_schema() {
        for (name, good, bad) in [
            ("integer", "1 -01 +7 99999999999999999999999999999999999999999999", "1.0 x 1e3 - +"),
            ("byte", "127 -128", "128 -129"),
            ("unsignedInt", "0 4294967295", "-1 4294967296"),
            ("positiveInteger", "1", "0 -1"),
            ("decimal", "1.5 .5 1. -2", ". 1e3 1,5 +"),
            ("double", "1e3 -INF NaN 1.5E-7 .5", "inf nan e3 1e 0x1"),
            ("boolean", "true 0 false 1", "yes TRUE"),
            ("date", "2026-12-31 2024-02-29 2026-01-01Z -0044-03-15", "2026-2-1 31.12.2026 yesterday 2026-02-30"),
            ("dateTime", "2026-01-01T00:00:00Z 2026-01-01T00:00:00.5 2026-01-01T24:00:00", "2026-01-01 now"),
            ("dateTimeStamp", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00"),
            ("time", "13:45:00", "13:45 25:00:00"),
            ("gYear", "2026 -0001", "26 2026-01"),
            ("duration", "P1Y PT1.5S", "P 1Y"),
            ("anyURI", "https://e.org/a a/b", "<a>"),
            ("language", "de en-GB", "_ e"),
            ("hexBinary", "0aFF", "0 xx"),
        ] {
            let datatype = oxrdf::NamedNode::new_unchecked(format!("{XSD}{name}"));
            for text in good.split(' ') {
                assert_eq!(is_well_formed(datatype.as_ref(), text), Some(true), "{name} {text:?}");
            }
            for text in bad.split(' ').chain([""]) {
                let empty_is_good = text.is_empty() && matches!(name, "anyURI" | "hexBinary");
                assert_eq!(is_well_formed(datatype.as_ref(), text), Some(empty_is_good), "{name} {text:?}");
            }
            assert!(
                example(datatype.as_str())
                    .is_none_or(|it| is_well_formed(datatype.as_ref(), it) == Some(true) || name == "boolean")
            );
        }
        assert_eq!(is_well_formed(NamedNodeRef::new_unchecked("urn:own"), "x"), None);
    }

    #[test]
    fn order_is_that_of_values() {
        let literal = |text: &str, name: &str| {
            Literal::new_typed_literal(text, oxrdf::NamedNode::new_unchecked(format!("{XSD}{name}")))
        };
        let order = |a: Literal, b: Literal| compare(a.as_ref(), b.as_ref());
        assert_eq!(order(literal("9", "integer"), literal("10.0", "decimal")), Some(Ordering::Less));
        assert_eq!(order(literal("1e40", "double"), literal("2", "int")), Some(Ordering::Greater));
        assert_eq!(order(literal("1.0", "decimal"), literal("1", "byte")), Some(Ordering::Equal));
        assert_eq!(order(literal("2026-01-02", "date"), literal("2026-01-10", "date")), Some(Ordering::Less));
        assert_eq!(order(literal("2026-01-02", "date"), literal("5", "integer")), None);
        assert_eq!(order(literal("x", "integer"), literal("5", "integer")), None);
        assert_eq!(order(literal("NaN", "double"), literal("5", "integer")), None);
    }
}
