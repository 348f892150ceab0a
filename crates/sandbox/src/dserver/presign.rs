//! Presigned URLs of a real S3 server (AWS Signature Version 4, in the query), with a header pinned where one is to be.

use std::time::Duration;

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::Method;
use sha2::{Digest as _, Sha256};

use super::seed::hex;
use crate::signed::{CONTENT_MD5, path, segment};

/// Where S3 servers are that are nowhere in particular.
const REGION: &str = "us-east-1";

/// What is to be signed for.
pub(super) struct Request<'r> {
    pub method: Method,
    /// `http://host:port`.
    pub endpoint: &'r str,
    pub bucket: &'r str,
    pub key: &'r str,
    /// The MD5 of the body, in base64, that alone may be sent.
    pub md5: Option<&'r str>,
    pub life: Duration,
}

impl Request<'_> {
    /// A URL that is good from `now` on, signed with an access key and its secret.
    pub fn url(&self, (key, secret): (&str, &str), now: DateTime<Utc>) -> String {
        let host = self.endpoint.split_once("://").map_or(self.endpoint, |(_, host)| host).trim_end_matches('/');
        let path = format!("/{}/{}", segment(self.bucket), path(self.key));
        let (date, at) = (now.format("%Y%m%d"), now.format("%Y%m%dT%H%M%SZ"));
        let scope = format!("{date}/{REGION}/s3/aws4_request");
        let (names, pinned) = match self.md5 {
            Some(md5) => (format!("{CONTENT_MD5};host"), format!("{CONTENT_MD5}:{md5}\n")),
            None => ("host".to_owned(), String::new()),
        };
        let query = format!(
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={}&X-Amz-Date={at}&X-Amz-Expires={}&X-Amz-SignedHeaders={}",
            segment(&format!("{key}/{scope}")),
            self.life.as_secs(),
            segment(&names),
        );
        let canonical = format!("{}\n{path}\n{query}\n{pinned}host:{host}\n\n{names}\nUNSIGNED-PAYLOAD", self.method);
        let signed = format!("AWS4-HMAC-SHA256\n{at}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
        let steps = [date.to_string(), REGION.to_owned(), "s3".to_owned(), "aws4_request".to_owned(), signed];
        let signature = steps.iter().fold(format!("AWS4{secret}").into_bytes(), |key, it| keyed(&key, it.as_bytes()));
        format!("{}{path}?{query}&X-Amz-Signature={}", self.endpoint.trim_end_matches('/'), hex(&signature))
    }
}

fn keyed(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key may have any length");
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of AWS's documentation ("Authenticating Requests: Using Query Parameters") is of a bucket in the host's
    /// name; what `aws-sdk` and `boto3` make of this path-style one is the same.
    #[test]
    fn a_signature_covers_all_that_may_not_change() {
        let now = "2026-11-21T08:00:00Z".parse().unwrap();
        let request = |key, md5, method| Request {
            method,
            endpoint: "http://127.0.0.1:9000",
            bucket: "base1",
            key,
            md5,
            life: Duration::from_secs(60),
        };
        let url = request("a b/ü.txt", None, Method::GET).url(("key", "secret"), now);
        assert!(
            url.starts_with("http://127.0.0.1:9000/base1/a%20b/%C3%BC.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&"),
            "{url}"
        );
        assert!(url.contains("X-Amz-Credential=key%2F20261121%2Fus-east-1%2Fs3%2Faws4_request&"), "{url}");
        let signature = |url: &str| url.rsplit_once('=').unwrap().1.to_owned();
        let all = [
            request("a", None, Method::GET).url(("key", "secret"), now),
            request("b", None, Method::GET).url(("key", "secret"), now),
            request("a", None, Method::PUT).url(("key", "secret"), now),
            request("a", Some("x"), Method::PUT).url(("key", "secret"), now),
            request("a", Some("y"), Method::PUT).url(("key", "secret"), now),
            request("a", None, Method::GET).url(("key", "other"), now),
        ];
        let different: std::collections::BTreeSet<String> = all.iter().map(|it| signature(it)).collect();
        assert_eq!(different.len(), all.len());
    }
}
