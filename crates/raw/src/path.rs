//! How names are written into a URL's path.

use std::fmt::Write as _;

/// One segment: all but unreserved characters (RFC 3986, 2.3) and a few that are safe in any path is percent-encoded,
/// a slash and a backslash too. (The `url` crate turns a backslash that is left alone into a slash.)
///
/// ```
/// assert_eq!(whimbrel_raw::path::encode_segment("a/b\\c d%20"), "a%2Fb%5Cc%20d%2520");
/// ```
pub fn encode_segment(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z'
            | b'a'..=b'z'
            | b'0'..=b'9'
            | b'-'
            | b'.'
            | b'_'
            | b'~'
            | b'!'
            | b'$'
            | b'('
            | b')'
            | b'*'
            | b','
            | b':'
            | b'@' => {
                out.push(char::from(byte));
            }
            _ => write!(out, "%{byte:02X}").expect("a String takes all"),
        }
    }
    out
}

/// A path of several segments: slashes stay, each segment is encoded once.
///
/// ```
/// assert_eq!(whimbrel_raw::path::encode_object("run 1/50%.txt"), "run%201/50%25.txt");
/// ```
pub fn encode_object(path: &str) -> String {
    path.split('/').map(encode_segment).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names that people give files, and what must stand in the URL.
    const NAMES: [(&str, &str); 14] = [
        ("a b", "a%20b"),
        ("ü.txt", "%C3%BC.txt"),
        ("u\u{308}.txt", "u%CC%88.txt"),
        ("100%.txt", "100%25.txt"),
        ("a%20b", "a%2520b"),
        ("#1", "%231"),
        ("what?", "what%3F"),
        ("a+b&c=d;e", "a%2Bb%26c%3Dd%3Be"),
        ("a|b", "a%7Cb"),
        ("[1] 'x' \"y\"", "%5B1%5D%20%27x%27%20%22y%22"),
        ("a\\b", "a%5Cb"),
        ("🦜", "%F0%9F%A6%9C"),
        ("~-_.!$(),*:@", "~-_.!$(),*:@"),
        ("^`{}", "%5E%60%7B%7D"),
    ];

    #[test]
    fn each_name_comes_out_of_a_url_as_it_went_in() {
        for (name, written) in NAMES {
            assert_eq!(encode_segment(name), written);
            let url: reqwest::Url = format!("http://h/x/{written}/y").parse().unwrap();
            let segment = url.path_segments().unwrap().nth(1).unwrap();
            assert_eq!(segment, written, "the url crate left it alone");
            assert_eq!(percent_encoding::percent_decode_str(segment).decode_utf8().unwrap(), name);
        }
    }

    #[test]
    fn slashes_part_segments_or_are_part_of_one() {
        assert_eq!(encode_object("a/b c"), "a/b%20c");
        assert_eq!(encode_segment("a/b c"), "a%2Fb%20c");
    }
}
