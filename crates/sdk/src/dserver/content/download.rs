use std::{fmt, path::PathBuf};

use serde::Serialize;

use super::signed::Signed;
use crate::{
    Error, Kind, Result,
    dserver::{Client, Dataset, Feature},
    dtool::{self, Bucket, Copy, Folder, Keys, Source, Web, uri::Place},
    transfer::{self, Existing, Progress, Report},
};

/// How a dataset's content was come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Route {
    /// By links that the server signed.
    SignedUrls,
    /// From a folder of this machine.
    Folder,
    /// From a bucket, with the user's keys.
    Bucket,
    /// From the web.
    Web,
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SignedUrls => "by signed URLs",
            Self::Folder => "from its folder",
            Self::Bucket => "from its bucket",
            Self::Web => "from the web",
        })
    }
}

/// What came of a [`Download`].
#[derive(Debug)]
pub struct Fetched {
    /// The folder that the dataset is now; frozen if nothing failed.
    pub folder: Folder,
    /// The copy that it came from.
    pub uri: String,
    /// The way it came.
    pub route: Route,
    /// What was moved, item by item.
    pub report: Report,
}

/// Fetches a dataset; see [`Client::download`].
#[must_use]
pub struct Download {
    client: Client,
    copies: Vec<Dataset>,
    copy: Copy,
    keys: Keys,
}

impl Client {
    /// Fetches a dataset into a folder of its own name below `into`, as dtool reads it.
    ///
    /// Links that the server signs are the first choice, then what the URI's scheme allows: `file`, `s3`, `ecs`, `http`,
    /// `https`. Items come at once, large ones in ranges, and each is hashed while it is written: one that is not what
    /// the manifest says is not kept. The folder is a frozen dataset only when all of it is there; a run that was cut
    /// short is gone on with by the same call.
    ///
    /// ```no_run
    /// # async fn example(dserver: whimbrel::dserver::Client) -> whimbrel::Result<()> {
    /// let copies = dserver.lookup("af6727bf-29c7-43dd-b42f-a5d7ede28337").await?;
    /// let fetched = dserver.download(copies, "here").keys(|name| std::env::var(name).ok()).send().await?;
    /// fetched.report.into_result()?;
    /// println!("{} {}", fetched.folder.path().display(), fetched.route);
    /// # Ok(()) }
    /// ```
    ///
    /// Of several copies of one dataset the first that can be read is taken.
    pub fn download(&self, copies: impl IntoIterator<Item = Dataset>, into: impl Into<PathBuf>) -> Download {
        let copy = Copy {
            into: into.into(),
            existing: Existing::default(),
            jobs: transfer::JOBS,
            progress: Progress::default(),
        };
        Download { client: self.clone(), copies: copies.into_iter().collect(), copy, keys: Keys::default() }
    }
}

/// What can be read, and what is told there.
struct Opened<S> {
    source: S,
    dataset: dtool::Dataset,
}

impl<S: Source> Opened<S> {
    /// Reads what is told of a dataset, which must be the one that the server knows.
    async fn of(source: S, known: &Dataset) -> Result<Self> {
        let dataset = source.read().await?;
        dataset.admin.expect(&known.uuid)?;
        Ok(Self { source, dataset })
    }
}

enum Way {
    Signed(Opened<Signed>),
    Folder(Opened<Folder>),
    Bucket(Opened<Bucket>),
    Web(Opened<Web>),
}

impl Download {
    /// What to do with a dataset of the same UUID that is there already, and frozen. By default its items are hashed, and
    /// a wrong one is an error; [`Existing::Skip`] does not look at them, [`Existing::Overwrite`] and
    /// [`Existing::Update`] repair them. Anything else that is there is never touched.
    pub fn existing(mut self, existing: Existing) -> Self {
        self.copy.existing = existing;
        self
    }

    /// How many items are on their way at once.
    pub fn jobs(mut self, jobs: usize) -> Self {
        self.copy.jobs = jobs.max(1);
        self
    }

    /// Counters to watch it by.
    pub fn progress(mut self, progress: Progress) -> Self {
        self.copy.progress = progress;
        self
    }

    /// Where keys to buckets are looked up, by the names that dtool gives them: `DTOOL_S3_ENDPOINT_<bucket>`,
    /// `DTOOL_S3_ACCESS_KEY_ID_<bucket>`, `DTOOL_S3_SECRET_ACCESS_KEY_<bucket>`, `DTOOL_S3_DATASET_PREFIX_<bucket>`, the
    /// same with `ECS`, and without them AWS's own.
    pub fn keys(self, lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self { keys: Keys::new(lookup), ..self }
    }

    /// Does it.
    ///
    /// # Errors
    /// If no copy can be read, each with its reason; for something else at the target. What fails later is in the
    /// report, by item.
    pub async fn send(self) -> Result<Fetched> {
        let signs = self.signs().await;
        let mut failed = vec![];
        for known in &self.copies {
            if signs {
                match self.signed(known).await {
                    Ok(way) => return self.fetch(known, way).await,
                    Err(error) => failed.push((known, error)),
                }
            }
            match self.by_scheme(known).await {
                Ok(way) => return self.fetch(known, way).await,
                Err(error) => failed.push((known, error)),
            }
        }
        Err(none_of(failed))
    }

    /// Whether the server may sign; one that can't tell is not asked to.
    async fn signs(&self) -> bool {
        let versions = self.client.features().await;
        versions.is_ok_and(|it| it.has(Feature::SignedUrls))
    }

    async fn signed(&self, known: &Dataset) -> Result<Way> {
        Ok(Way::Signed(Opened::of(Signed::open(&self.client, &known.uri).await?, known).await?))
    }

    async fn by_scheme(&self, known: &Dataset) -> Result<Way> {
        let connection = self.client.connection.clone();
        Ok(match Place::of(&known.uri)? {
            Place::Folder { host, path } => {
                let opened = Opened::of(Folder::at(path), known).await;
                Way::Folder(opened.map_err(|e| elsewhere(e, &host))?)
            }
            Place::Bucket { dialect, bucket, uuid } => {
                let bucket = Bucket::open(dialect, &bucket, &uuid, &self.keys, connection).await?;
                Way::Bucket(Opened::of(bucket, known).await?)
            }
            Place::Web(url) => Way::Web(Opened::of(Web::open(&url, connection).await?, known).await?),
        })
    }

    async fn fetch(&self, known: &Dataset, way: Way) -> Result<Fetched> {
        let (route, copied) = match way {
            Way::Signed(it) => (Route::SignedUrls, self.copy.run(&it.source, &it.dataset).await),
            Way::Folder(it) => (Route::Folder, self.copy.run(&it.source, &it.dataset).await),
            Way::Bucket(it) => (Route::Bucket, self.copy.run(&it.source, &it.dataset).await),
            Way::Web(it) => (Route::Web, self.copy.run(&it.source, &it.dataset).await),
        };
        let (folder, report) = copied.map_err(|e| e.about(&known.uri))?;
        Ok(Fetched { folder, uri: known.uri.clone(), route, report })
    }
}

/// A folder that is not here is most likely another machine's.
fn elsewhere(error: Error, host: &str) -> Error {
    match error.is_not_found() && !host.is_empty() {
        true => error.hint(&format!("it lies in the file system of {host}, and can be read there")),
        false => error,
    }
}

/// Why no copy could be read.
fn none_of(mut failed: Vec<(&Dataset, Error)>) -> Error {
    match failed.len() {
        0 => Error::not_found("there is no copy of the dataset"),
        1 => {
            let (known, error) = failed.remove(0);
            error.about(&known.uri)
        }
        _ => {
            // What has to do with this user is of more use than what no one could do.
            let kind = failed.iter().map(|(_, error)| error.kind()).find(|it| *it != Kind::Invalid);
            let told: Vec<_> = failed.iter().map(|(known, error)| format!("{}: {error}", known.uri)).collect();
            Error::new(kind.unwrap_or(Kind::Invalid), format!("it can be read nowhere: {}", told.join("; ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transfers_can_be_spawned() {
        fn is_send(_: impl Send) {}
        let client = Client::builder().url("http://127.0.0.1:9").token("t").build().unwrap();
        is_send(client.download([], "into").send());
        is_send(client.upload("folder", "s3://bucket").send());
        is_send(Folder::at("folder").verify().send());
    }
}
