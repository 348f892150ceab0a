//! Sizes as people write them.

/// `25GiB`, `1.5T`, `500 MB`, `1024`: in bytes. One letter means powers of 1024, as does `GiB`; `GB` powers of 1000.
pub(crate) fn parse(text: &str) -> Result<u64, String> {
    let wrong = || "write a size such as 25GiB".to_owned();
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = (&text[..end], text[end..].trim().to_ascii_lowercase());
    let number: f64 = number.parse().map_err(|_| wrong())?;
    let (power, base) = match unit.as_str() {
        "" | "b" => (0, 1024_f64),
        unit => {
            let mut letters = unit.chars();
            let power = letters.next().and_then(|letter| "kmgtp".find(letter)).ok_or_else(wrong)? + 1;
            match letters.as_str() {
                "" | "ib" => (power, 1024_f64),
                "b" => (power, 1000_f64),
                _ => return Err(wrong()),
            }
        }
    };
    let bytes = number * base.powi(power as i32);
    if bytes > 9e18 { Err(wrong()) } else { Ok(bytes.round() as u64) }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn sizes() {
        for (text, bytes) in [
            ("0", 0),
            ("1024", 1024),
            ("17 b", 17),
            ("25GiB", 25 << 30),
            ("25g", 25 << 30),
            ("1.5 T", 3 << 39),
            ("500MB", 500_000_000),
        ] {
            assert_eq!(parse(text), Ok(bytes), "{text}");
        }
        for wrong in ["", "GiB", "-1", "1.2.3", "5 apples", "5XiB", "5Gi", "9999P", "5ü"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
