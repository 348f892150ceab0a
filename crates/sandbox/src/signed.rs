//! URLs that are good for a while, as S3's presigned ones are: who has one needs no token, and must send none.

use std::{collections::BTreeMap, time::Duration};

use chrono::{NaiveDateTime, TimeDelta, Utc};
use http::{HeaderMap, Method, StatusCode, Uri, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::answer::{Answer, ContractViolation, bytes};

/// How `X-Amz-Date` is written.
const SIGNED_AT: &str = "%Y%m%dT%H%M%SZ";

/// Seconds that S3 lets a signed URL be good, at most.
const LONGEST: u64 = 7 * 24 * 3600;

/// The header that says in base64 what the MD5 of a body is.
pub(crate) const CONTENT_MD5: &str = "content-md5";

/// Makes signed URLs, and knows its own again.
pub(crate) struct Signer {
    origin: String,
    key: [u8; 32],
}

impl Signer {
    /// One for the storage at this origin.
    pub fn new(origin: String) -> Self {
        let mut key = [0; 32];
        key.fill_with(|| fastrand::u8(..));
        Self { origin, key }
    }

    fn signature(&self, method: &Method, path: &str, at: &str, expires: &str, md5: &str) -> String {
        let signed = format!("{method}\n{path}\n{at}\n{expires}\n{md5}");
        blake3::keyed_hash(&self.key, signed.as_bytes()).to_hex()[..32].to_owned()
    }

    /// For a request to this path, whose segments are not yet percent-encoded. An upload may be pinned to a body by its MD5.
    pub fn url(&self, method: &Method, path: &str, life: Duration, md5: Option<&str>) -> String {
        let path = format!("/{}", self::path(path));
        let (at, expires) = (Utc::now().format(SIGNED_AT).to_string(), life.as_secs().min(LONGEST).to_string());
        let signature = self.signature(method, &path, &at, &expires, md5.unwrap_or_default());
        let headers = if md5.is_some() { "content-md5%3Bhost" } else { "host" };
        let query = format!(
            "X-Amz-Date={at}&X-Amz-Expires={expires}&X-Amz-SignedHeaders={headers}&X-Amz-Signature={signature}"
        );
        format!("{}{path}?{query}", self.origin)
    }

    /// Refuses, as S3 does, a request that no URL of this signer is good for.
    pub fn check(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), Answer> {
        if headers.contains_key(header::AUTHORIZATION) {
            // It must never have come here.
            let mut answer = refused(StatusCode::BAD_REQUEST, "InvalidArgument", "Only one auth mechanism allowed");
            let told = "a token was sent to the storage's origin".to_owned();
            answer.extensions_mut().insert(ContractViolation(vec![told]));
            return Err(answer);
        }
        let query: BTreeMap<String, String> =
            url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
        let given = |name: &str| query.get(name).map_or("", String::as_str);
        let (at, expires) = (given("X-Amz-Date"), given("X-Amz-Expires"));
        let is_pinned = given("X-Amz-SignedHeaders").split(';').any(|it| it == CONTENT_MD5);
        let md5 = headers.get(CONTENT_MD5).and_then(|it| it.to_str().ok()).filter(|_| is_pinned).unwrap_or_default();
        // What may be read may be asked for its size, too.
        let method = if method == Method::HEAD { &Method::GET } else { method };
        if given("X-Amz-Signature") != self.signature(method, uri.path(), at, expires, md5) {
            return Err(refused(StatusCode::FORBIDDEN, "SignatureDoesNotMatch", "The signature does not match"));
        }
        let at = NaiveDateTime::parse_from_str(at, SIGNED_AT).expect("it is signed").and_utc();
        if at + TimeDelta::seconds(expires.parse().expect("it is signed")) <= Utc::now() {
            return Err(refused(StatusCode::FORBIDDEN, "AccessDenied", "Request has expired"));
        }
        Ok(())
    }
}

/// How S3 refuses.
pub(crate) fn refused(status: StatusCode, code: &str, message: &str) -> Answer {
    bytes(status, "application/xml", format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>"))
}

/// What S3 escapes: all but RFC 3986's unreserved characters.
const ESCAPED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A URL's path, but for its first slash.
pub(crate) fn path(text: &str) -> String {
    text.split('/').map(segment).collect::<Vec<_>>().join("/")
}

/// One segment of a URL's path.
pub(crate) fn segment(text: &str) -> String {
    utf8_percent_encode(text, &ESCAPED).to_string()
}
