//! Where a dataset lies, by the scheme of its URI.

use std::path::PathBuf;

use url::Url;

use crate::{Error, Result};

/// Where a dataset lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In a folder. dtool writes the name of the machine into such a URI, and looks at the path alone.
    Folder { host: String, path: PathBuf },
    /// In a bucket, in dtool-s3's layout.
    Bucket { dialect: Dialect, bucket: String, uuid: String },
    /// Behind `http_manifest.json`.
    Web(Url),
}

/// Whose keys open a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    S3,
    Ecs,
}

impl Place {
    /// The place of a URI as dtool has them.
    ///
    /// # Errors
    /// For a scheme that is not read here: it is named, and what can be done.
    pub(crate) fn of(uri: &str) -> Result<Self> {
        let wrong = || Error::invalid("it is no URI of a dataset").about(uri);
        let (scheme, rest) = uri.split_once(':').ok_or_else(wrong)?;
        let bucket = |dialect| {
            let (bucket, uuid) = rest.strip_prefix("//")?.split_once('/')?;
            let uuid = uuid.trim_end_matches('/');
            let plain = !bucket.is_empty() && !uuid.is_empty() && !uuid.contains('/');
            plain.then(|| Self::Bucket { dialect, bucket: bucket.to_owned(), uuid: uuid.to_owned() })
        };
        let place = match scheme {
            "file" => {
                let rest = rest.strip_prefix("//").ok_or_else(wrong)?;
                let at = rest.find('/').ok_or_else(wrong)?;
                Some(Self::Folder { host: rest[..at].to_owned(), path: path(&rest[at..]) })
            }
            "s3" => bucket(Dialect::S3),
            "ecs" => bucket(Dialect::Ecs),
            "http" | "https" => Url::parse(uri).ok().map(Self::Web),
            _ => {
                let message = format!(
                    "datasets of the scheme {scheme} can't be read here, only those of file, s3, ecs, http and https, \
                     and all that a dserver signs URLs for; dtool itself copies it: dtool cp {uri} ."
                );
                return Err(Error::invalid(message));
            }
        };
        place.ok_or_else(wrong)
    }
}

/// The path of a URI, in which dtool escapes nothing.
fn path(text: &str) -> PathBuf {
    // `file:///C:/...`
    let drive = cfg!(windows) && text.as_bytes().get(2) == Some(&b':');
    PathBuf::from(if drive { &text[1..] } else { text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scheme_has_its_place() {
        let folder = Place::Folder { host: "host".into(), path: "/data/my set 100%20".into() };
        assert_eq!(Place::of("file://host/data/my set 100%20").unwrap(), folder, "nothing is escaped");
        let bucket = |dialect| Place::Bucket { dialect, bucket: "b".into(), uuid: "1".into() };
        assert_eq!(Place::of("s3://b/1").unwrap(), bucket(Dialect::S3));
        assert_eq!(Place::of("ecs://b/1/").unwrap(), bucket(Dialect::Ecs));
        assert!(matches!(Place::of("https://h/b/1").unwrap(), Place::Web(_)));
        for wrong in
            ["", "s3", "s3://", "s3://b", "s3://b/", "s3:///1", "s3://b/1/2", "file:x", "file://host", "http://"]
        {
            assert!(Place::of(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_not_read_here_is_named() {
        for scheme in ["azure", "smb", "irods"] {
            let told = Place::of(&format!("{scheme}://x/1")).unwrap_err().to_string();
            assert!(told.contains(&format!("scheme {scheme}")) && told.contains("dtool cp"), "{told}");
        }
    }
}
