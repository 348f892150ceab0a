//! Addresses of projects, resources and files, and how a file's path is written into a URL.

use std::{fmt, str::FromStr};

use middleware::{Operation, Request};

use crate::{Error, Result, error::printable};

/// `coscine://project/resource/path`: what people write to name a project, a resource, a folder or a file.
///
/// It is no URL: nothing in it is percent-decoded, so a file called `100%20.txt` is written just so. Projects and
/// resources are named by display name, name, slug or id; one whose name holds a slash by its id.
///
/// ```
/// let address: whimbrel::coscine::Address = "coscine://Turbine 7/Raw data/run 1/a%20b.txt".parse()?;
/// assert_eq!(address.resource.as_deref(), Some("Raw data"));
/// assert_eq!(address.path, "run 1/a%20b.txt");
/// # Ok::<(), whimbrel::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The project.
    pub project: String,
    /// The resource in it.
    pub resource: Option<String>,
    /// The path in the resource, without a leading slash; empty for all of it; ends with a slash for a folder.
    pub path: String,
}

impl Address {
    /// What an address begins with.
    pub const SCHEME: &'static str = "coscine://";
}

impl FromStr for Address {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = |why: &str| {
            let message = format!("{why}; an address is coscine://project/resource/path");
            Error::invalid(message).about(text)
        };
        let rest = text.strip_prefix(Self::SCHEME).ok_or_else(|| wrong("it does not begin with coscine://"))?;
        let mut parts = rest.splitn(3, '/');
        let project = parts.next().filter(|project| !project.is_empty()).ok_or_else(|| wrong("it names no project"))?;
        let resource = parts.next().filter(|resource| !resource.is_empty());
        let path = parts.next().unwrap_or_default();
        if !path.is_empty() {
            check_path(path.strip_suffix('/').unwrap_or(path))?;
        }
        Ok(Self { project: project.to_owned(), resource: resource.map(str::to_owned), path: path.to_owned() })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", Self::SCHEME, self.project)?;
        if let Some(resource) = &self.resource {
            write!(f, "/{resource}/{}", self.path)?;
        }
        Ok(())
    }
}

/// Whether a file in a resource can be called so: plain segments between single slashes.
pub(crate) fn check_path(path: &str) -> Result<()> {
    let why = if path.split('/').any(str::is_empty) {
        "has an empty part between slashes, or a slash at an end"
    } else if path.split('/').any(|segment| matches!(segment, "." | "..")) {
        "has a part that is `.` or `..`"
    } else if path.chars().any(char::is_control) {
        "holds a control character"
    } else {
        return Ok(());
    };
    Err(Error::invalid(format!("the path {why}, which can't be stored")).about(printable(path)))
}

/// How a file's path is written into the path of a URL.
///
/// What Coscine's server expects has been seen in three forms, and it may decode once or twice; so it can be chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PathEncoding {
    /// Slashes as they are, each part percent-encoded once: `run%201/a%2520b.txt`.
    #[default]
    Segments,
    /// The whole path as one part: `run%201%2Fa%2520b.txt`.
    Whole,
    /// Encoded twice, slashes as they are: for a server that decodes twice.
    Twice,
}

impl PathEncoding {
    /// Rewrites the path of a request to a file or its metadata from [`PathEncoding::Segments`], as `raw` writes it.
    pub(crate) fn apply(self, mut request: Request) -> Request {
        if self != Self::Segments
            && let Some(operation) = Operation::of(&request)
            && let Some(path) = self.rewrite(operation.path, request.uri().path())
        {
            let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
            let mut parts = request.uri().clone().into_parts();
            if let Ok(rewritten) = format!("{path}{query}").parse() {
                parts.path_and_query = Some(rewritten);
                *request.uri_mut() = parts.try_into().expect("only the path has changed");
            }
        }
        request
    }

    fn rewrite(self, template: &str, path: &str) -> Option<String> {
        let (before, after) = template.split_once("/{encodedPath}").or_else(|| template.split_once("/{key}"))?;
        // The base URL's own path stands before the template's.
        let root = template.split('{').next()?;
        let start = path.find(root)?;
        let count = before.split('/').count();
        let (skip, _) = path[start..].match_indices('/').nth(count - 1)?;
        let from = start + skip + 1;
        let to = path.len().checked_sub(after.len()).filter(|to| path[*to..] == *after && *to >= from)?;
        let object = &path[from..to];
        let object = match self {
            Self::Segments => object.to_owned(),
            Self::Whole => object.replace('/', "%2F"),
            Self::Twice => object.replace('%', "%25"),
        };
        Some(format!("{}{object}{after}", &path[..from]))
    }
}

/// A folder's path with a slash at its end; the root is empty.
pub(super) fn as_folder(path: &str) -> String {
    let path = path.trim_matches('/');
    if path.is_empty() { String::new() } else { format!("{path}/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let parse = |text: &str| text.parse::<Address>();
        let all = parse("coscine://P/R/a/b%20c").unwrap();
        assert_eq!((all.project.as_str(), all.resource.as_deref(), all.path.as_str()), ("P", Some("R"), "a/b%20c"));
        assert_eq!(all.to_string(), "coscine://P/R/a/b%20c");
        assert_eq!(parse("coscine://P").unwrap().resource, None);
        assert_eq!(parse("coscine://P/").unwrap().resource, None);
        assert_eq!(parse("coscine://P/R").unwrap().path, "");
        assert_eq!(parse("coscine://P/R/dir/").unwrap().path, "dir/");
        for wrong in
            ["P/R", "coscine://", "coscine:///R", "coscine://P/R//a", "coscine://P/R/../x", "coscine://P/R/a\u{7}"]
        {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_path_is_rewritten_and_nothing_else() {
        let template = "/api/v2/projects/{projectId}/resources/{resourceId}/storage/{encodedPath}/content";
        let path = "/coscine/api/v2/projects/p/resources/r/storage/a%20b/content/c%2520/content";
        let with = |encoding: PathEncoding| encoding.rewrite(template, path).unwrap();
        assert_eq!(with(PathEncoding::Segments), path);
        assert_eq!(
            with(PathEncoding::Whole),
            "/coscine/api/v2/projects/p/resources/r/storage/a%20b%2Fcontent%2Fc%2520/content"
        );
        assert_eq!(
            with(PathEncoding::Twice),
            "/coscine/api/v2/projects/p/resources/r/storage/a%2520b/content/c%252520/content"
        );
        assert_eq!(PathEncoding::Whole.rewrite("/api/v2/projects/{projectId}", "/api/v2/projects/p"), None);
    }
}
