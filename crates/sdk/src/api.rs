//! Any operation of a service by its id, with arguments as text: for what has no call of its own yet, and for scripts.
//!
//! ```no_run
//! # async fn example(coscine: whimbrel::coscine::Client) -> whimbrel::Result<()> {
//! let operation = whimbrel::api::find(whimbrel::coscine::operations::ALL, "GetSearchResults")?;
//! let arguments = whimbrel::api::Arguments::new(operation, [("Query", "wear")])?;
//! let answer = whimbrel::api::send(coscine.connection(), operation, &arguments).await?;
//! # Ok(()) }
//! ```

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, header};
use middleware::{Body, Location, Operation};
use serde_json::{Map, Value};

use crate::{Connection, Error, Result, error};

/// The operation of this id, in snake or camel case.
///
/// # Errors
/// If there is none; ids that look alike are named.
pub fn find(operations: &'static [Operation], id: &str) -> Result<&'static Operation> {
    let plain = |id: &str| id.replace(['_', '-'], "").to_lowercase();
    let wanted = plain(id);
    if let Some(found) = operations.iter().find(|operation| plain(operation.id) == wanted) {
        return Ok(found);
    }
    let mut alike: Vec<_> =
        operations.iter().map(|operation| (distance(&plain(operation.id), &wanted), operation.id)).collect();
    alike.sort_unstable();
    let contained = operations.iter().map(|operation| operation.id).filter(|id| plain(id).contains(&wanted));
    let near = alike.iter().filter(|(distance, _)| *distance <= wanted.len() / 3).map(|(_, id)| *id);
    let mut hints: Vec<_> = near.chain(contained).take(5).collect();
    hints.dedup();
    let hint = if hints.is_empty() { String::new() } else { format!("; did you mean {}?", hints.join(", ")) };
    Err(Error::invalid(format!("there is no such operation{hint}")).about(id))
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.chars().enumerate() {
            let step = corner + usize::from(x != y);
            corner = row[j + 1];
            row[j + 1] = step.min(row[j] + 1).min(corner + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

/// Arguments of one operation, sorted to where they go.
#[derive(Clone, Debug, Default)]
pub struct Arguments {
    parameters: Vec<(&'static str, Location, String)>,
    fields: Map<String, Value>,
    input: Option<Bytes>,
}

impl Arguments {
    /// Sorts `name=value` pairs: those that the operation knows as parameters, and the rest as fields of a JSON body,
    /// where `true`, `null`, numbers, arrays and objects are taken as JSON and all else as text.
    ///
    /// # Errors
    /// A required parameter that is missing; a name that is neither parameter nor field.
    pub fn new<K: AsRef<str>, V: Into<String>>(
        operation: &Operation,
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self> {
        let takes_json = operation.request.is_some_and(|media| media.contains("json"));
        Self::sorted(operation, pairs, takes_json)
    }

    /// Parameters alone, for who has the body as a whole ([`Arguments::input`]).
    ///
    /// # Errors
    /// A required parameter that is missing; a name that is no parameter.
    pub fn parameters<K: AsRef<str>, V: Into<String>>(
        operation: &Operation,
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self> {
        Self::sorted(operation, pairs, false)
    }

    fn sorted<K: AsRef<str>, V: Into<String>>(
        operation: &Operation,
        pairs: impl IntoIterator<Item = (K, V)>,
        takes_fields: bool,
    ) -> Result<Self> {
        let mut arguments = Self::default();
        for (name, value) in pairs {
            let (name, value) = (name.as_ref(), value.into());
            if let Some(known) = operation.parameters.iter().find(|it| it.name.eq_ignore_ascii_case(name)) {
                if !known.repeated && arguments.parameters.iter().any(|(name, ..)| *name == known.name) {
                    return Err(Error::invalid(format!("{} can be given once", known.name)).about(operation.id));
                }
                arguments.parameters.push((known.name, known.location, value));
            } else if takes_fields {
                let json = match value.as_bytes().first() {
                    Some(b'{' | b'[' | b'0'..=b'9' | b'-' | b't' | b'f' | b'n') => serde_json::from_str(&value).ok(),
                    _ => None,
                };
                arguments.fields.insert(name.to_owned(), json.unwrap_or(Value::String(value)));
            } else {
                let known: Vec<_> = operation.parameters.iter().map(|it| it.name).collect();
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                return Err(Error::invalid(format!("it has no parameter {name}; it has: {known}")).about(operation.id));
            }
        }
        let missing = operation
            .parameters
            .iter()
            .find(|it| it.required && !arguments.parameters.iter().any(|(name, ..)| *name == it.name));
        match missing {
            Some(missing) => {
                Err(Error::invalid(format!("its parameter {} is missing", missing.name)).about(operation.id))
            }
            None => Ok(arguments),
        }
    }

    /// A body as it is, in the operation's media type.
    #[must_use]
    pub fn input(self, body: impl Into<Bytes>) -> Self {
        Self { input: Some(body.into()), ..self }
    }

    /// Another value for a parameter that is no part of the path; for the next page of a list.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.parameters.retain(|(known, ..)| *known != name);
        self.parameters.push((name, Location::Query, value.into()));
        self
    }

    fn request(&self, base: &str, operation: &Operation) -> Result<Request<Body>> {
        let mut path = operation.path.to_owned();
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let mut request = Request::builder().method(operation.method.clone());
        for (name, location, value) in &self.parameters {
            match location {
                Location::Path => {
                    let written = match *name {
                        "encodedPath" | "key" => raw::path::encode_object(value),
                        _ => raw::path::encode_segment(value),
                    };
                    path = path.replace(&format!("{{{name}}}"), &written);
                }
                Location::Query => drop(query.append_pair(name, value)),
                Location::Header => {
                    let (name, value) = (HeaderName::try_from(*name), HeaderValue::try_from(value));
                    if let (Ok(name), Ok(value)) = (name, value) {
                        request = request.header(name, value);
                    }
                }
            }
        }
        if let Some(media) = operation.response {
            request = request.header(header::ACCEPT, media);
        }
        let body = match &self.input {
            Some(input) => input.clone(),
            None if self.fields.is_empty() => Bytes::new(),
            None => serde_json::to_vec(&self.fields).expect("JSON").into(),
        };
        if let Some(media) = operation.request.filter(|_| !body.is_empty()) {
            request = request.header(header::CONTENT_TYPE, media);
        }
        let query = query.finish();
        let mark = if query.is_empty() { "" } else { "?" };
        let request = request.uri(format!("{base}{path}{mark}{query}")).body(body.into());
        request.map_err(|e| Error::invalid(format!("it can't be sent so: {e}")).about(operation.id))
    }
}

/// Sends it. Any success is given as it is; it may be JSON, RDF, or a file.
///
/// # Errors
/// What the service answers to be one, and all that can happen on the way.
pub async fn send(connection: &Connection, operation: &Operation, arguments: &Arguments) -> Result<reqwest::Response> {
    let request = arguments.request(connection.base_url(), operation)?;
    let sent = async {
        let answer = connection.stack().send(request, operation.clone()).await.map_err(Error::from)?;
        let answer = reqwest::Response::from(answer);
        if answer.status().is_client_error() || answer.status().is_server_error() {
            return Err(error::answer_error(answer).await);
        }
        Ok(answer)
    };
    error::timed(operation, sent).await
}

/// An answer's body, read to its end.
///
/// # Errors
/// If it breaks off.
pub async fn content(answer: reqwest::Response) -> Result<Bytes> {
    answer.bytes().await.map_err(|e| Error::from(middleware::Error::from(e)))
}

/// What a service answered, read to its end.
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, whatever it is.
    pub body: Bytes,
    /// What [`send`] would have made of it, where it tells of an error.
    pub error: Option<Error>,
}

/// Sends it, and gives any answer, those that tell of an error too: for who has to know what exactly the service said. On
/// the way it is as any other call: with the token, in the quota, sent again where that may help.
///
/// ```no_run
/// # async fn example(dserver: whimbrel::dserver::Client) -> whimbrel::Result<()> {
/// use whimbrel::{api, dserver::operations::GET_README};
///
/// let arguments = api::Arguments::new(&GET_README, [("uri", "s3://bucket/no-such-dataset")])?;
/// let answer = api::ask(dserver.connection(), &GET_README, &arguments).await?;
/// assert_eq!((answer.status.as_u16(), answer.error.is_some()), (404, true));
/// # Ok(()) }
/// ```
///
/// # Errors
/// Only what kept the service from answering.
pub async fn ask(connection: &Connection, operation: &Operation, arguments: &Arguments) -> Result<Answer> {
    let request = arguments.request(connection.base_url(), operation)?;
    let asked = async {
        let answer = connection.stack().send(request, operation.clone()).await.map_err(Error::from)?;
        let answer = reqwest::Response::from(answer);
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = content(answer).await?;
        let is_error = status.is_client_error() || status.is_server_error();
        let error = is_error.then(|| Error::from_answer(status, &headers, &body).during(operation));
        Ok(Answer { status, headers, body, error })
    };
    error::timed(operation, asked).await
}

impl fmt::Debug for Answer {
    /// Not what it holds: that may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").field("status", &self.status).field("size", &self.body.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use http::Method;
    use middleware::Parameter;

    use super::*;

    const fn parameter(name: &'static str, location: Location, required: bool, repeated: bool) -> Parameter {
        Parameter { name, location, required, repeated }
    }

    static OPERATIONS: LazyLock<[Operation; 2]> = LazyLock::new(|| {
        let mut file = Operation::new("get_file", Method::GET, "/files/{encodedPath}/content", "");
        file.parameters = const {
            &[
                parameter("encodedPath", Location::Path, true, false),
                parameter("tags", Location::Query, false, true),
                parameter("Accept-Language", Location::Header, false, false),
            ]
        };
        file.response = Some("application/json");
        let mut project = Operation::new("create_project", Method::POST, "/projects", "");
        project.request = Some("application/json");
        [file, project]
    });

    #[test]
    fn an_operation_is_found_however_it_is_written() {
        for id in ["get_file", "GetFile", "getFile", "get-file"] {
            assert_eq!(find(&*OPERATIONS, id).unwrap().id, "get_file");
        }
        assert!(find(&*OPERATIONS, "GetFlie").unwrap_err().to_string().contains("did you mean get_file?"));
    }

    #[test]
    fn arguments_go_where_they_belong() {
        let operation = &OPERATIONS[0];
        let pairs = [("encodedpath", "a b/ü.txt"), ("tags", "x"), ("tags", "y&z"), ("Accept-Language", "de")];
        let request = Arguments::new(operation, pairs).unwrap().request("http://h/base", operation).unwrap();
        assert_eq!(request.uri(), "http://h/base/files/a%20b/%C3%BC.txt/content?tags=x&tags=y%26z");
        assert_eq!(request.headers()["accept-language"], "de");
    }

    #[test]
    fn the_rest_is_a_body() {
        let operation = &OPERATIONS[1];
        let pairs = [("name", "N"), ("count", "3"), ("on", "true"), ("ids", "[1,2]"), ("odd", "none")];
        let request = Arguments::new(operation, pairs).unwrap().request("http://h", operation).unwrap();
        let body = request.body().as_bytes().unwrap();
        assert_eq!(body, r#"{"name":"N","count":3,"on":true,"ids":[1,2],"odd":"none"}"#);
    }

    #[test]
    fn who_has_a_whole_body_gives_no_field() {
        let operation = &OPERATIONS[1];
        let refused = Arguments::parameters(operation, [("name", "N")]).unwrap_err().to_string();
        assert!(refused.contains("it has no parameter name"), "{refused}");
        let whole = Arguments::parameters(operation, [] as [(&str, &str); 0]).unwrap().input("{}");
        let request = whole.request("http://h", operation).unwrap();
        assert_eq!(request.body().as_bytes().unwrap(), "{}");
        assert_eq!(request.headers()["content-type"], "application/json");
    }

    #[test]
    fn what_is_missing_or_unknown_is_named() {
        let wrong =
            |pairs: &[(&str, &str)]| Arguments::new(&OPERATIONS[0], pairs.iter().copied()).unwrap_err().to_string();
        assert!(wrong(&[]).contains("encodedPath is missing"));
        assert!(wrong(&[("encodedPath", "a"), ("x", "y")]).contains("it has: encodedPath, tags"));
    }
}
