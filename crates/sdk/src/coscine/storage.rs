//! Where a resource's data lies: what a type of resource wants to know, and the keys of S3.

use http::Method;
use middleware::Operation;
use raw::coscine::types::{
    DataStorageNrwS3ResourceTypeOptionsForManipulationDto, DataStorageNrwS3WormResourceTypeOptionsForManipulationDto,
    DataStorageNrwWebResourceTypeOptionsForManipulationDto, DsNrwReplicationGroupDto,
    GitlabResourceTypeOptionsForCreationDto, GitlabResourceTypeOptionsForUpdateDto, LifecycleOptionsForManipulationDto,
    LinkedDataResourceTypeOptionsForManipulationDto, RdsResourceTypeOptionsForManipulationDto,
    RdsS3ResourceTypeOptionsForManipulationDto, RdsS3WormResourceTypeOptionsForManipulationDto, ResourceTypeOptionsDto,
    ResourceTypeOptionsForCreationDto, ResourceTypeOptionsForUpdateDto,
};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::OnceCell;

use super::{Resource, quota::quantity};
use crate::{
    Error, Kind, Result,
    connect::Connection,
    error::sent,
    transfer::s3::{Access, Bucket},
};

/// What a kind of resource (its type's [general](super::ResourceType::general) name) is made with: just the options that
/// belong to it. All quotas are in bytes.
#[derive(Clone, Debug)]
pub enum Storage {
    /// Metadata of data that lies elsewhere (`linked`).
    Linked,
    /// A project of a GitLab (`gitlab`).
    GitLab(Repository),
    /// Space that is reached through Coscine (`rds`).
    Rds {
        /// Its size.
        quota: u64,
    },
    /// A bucket (`rdss3`).
    RdsS3 {
        /// Its size.
        quota: u64,
    },
    /// A bucket in which nothing can be changed (`rdss3worm`).
    RdsS3Worm {
        /// Its size.
        quota: u64,
    },
    /// DataStorage.nrw, reached through Coscine (`dsnrwweb`).
    NrwWeb(NrwStorage),
    /// A bucket of DataStorage.nrw (`dsnrws3`).
    NrwS3(NrwStorage),
    /// A bucket of DataStorage.nrw in which nothing can be changed (`dsnrws3worm`).
    NrwS3Worm(NrwStorage),
}

/// A project of a GitLab; [`Client::gitlab`](super::Client::gitlab) tells which there are.
#[derive(Clone, Debug)]
pub struct Repository {
    /// Its URL.
    pub url: String,
    /// Its number in the GitLab.
    pub project_id: i32,
    /// The branch.
    pub branch: String,
    /// A token of the GitLab for this project. Coscine keeps it.
    pub access_token: SecretString,
    /// The user has read and accepted the terms of service for such resources.
    pub terms_accepted: bool,
}

/// Space on DataStorage.nrw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NrwStorage {
    /// Its size.
    pub quota: u64,
    /// The days after which the parts of an upload that was not completed are deleted.
    pub abort_uploads_after_days: Option<i32>,
    /// The days after which an old version of a file is deleted.
    pub expire_versions_after_days: Option<i32>,
    /// The pair of sites: `RWTH-UDE` or `UZK-UPB`.
    pub replication: Option<String>,
}

impl NrwStorage {
    fn lifecycle(&self) -> Option<LifecycleOptionsForManipulationDto> {
        let (uploads, versions) = (self.abort_uploads_after_days, self.expire_versions_after_days);
        (uploads.is_some() || versions.is_some()).then_some(LifecycleOptionsForManipulationDto {
            abort_incomplete_multipart_after_days: uploads,
            noncurrent_version_expire_after_days: versions,
        })
    }

    fn replication(&self) -> Option<DsNrwReplicationGroupDto> {
        self.replication.clone().map(DsNrwReplicationGroupDto)
    }
}

impl Storage {
    /// The general type that it belongs to.
    pub fn general(&self) -> &'static str {
        match self {
            Self::Linked => "linked",
            Self::GitLab(_) => "gitlab",
            Self::Rds { .. } => "rds",
            Self::RdsS3 { .. } => "rdss3",
            Self::RdsS3Worm { .. } => "rdss3worm",
            Self::NrwWeb(_) => "dsnrwweb",
            Self::NrwS3(_) => "dsnrws3",
            Self::NrwS3Worm(_) => "dsnrws3worm",
        }
    }

    /// The same, or an error that says what a resource of the type `general`, `specific` wants.
    pub(crate) fn fitting(self, general: &str, specific: &str) -> Result<Self> {
        if self.fits(general, specific) {
            return Ok(self);
        }
        let message = format!("its storage is of the type {general}, and the options given are for {}", self.general());
        Err(Error::invalid(message).about(format!("resource type {specific}")))
    }

    // The service writes the types in different cases, and DataStorage.nrw's as general or as specific ones.
    fn fits(&self, general: &str, specific: &str) -> bool {
        [general, specific].iter().any(|name| name.eq_ignore_ascii_case(self.general()))
    }

    /// What makes a resource of the type `general`, `specific` of a size in bytes, or changes its size; `None` if such
    /// resources have none.
    pub fn of_size(quota: u64, general: &str, specific: &str) -> Option<Self> {
        let nrw = || NrwStorage { quota, ..NrwStorage::default() };
        let sized = [
            Self::Rds { quota },
            Self::RdsS3 { quota },
            Self::RdsS3Worm { quota },
            Self::NrwWeb(nrw()),
            Self::NrwS3(nrw()),
            Self::NrwS3Worm(nrw()),
        ];
        sized.into_iter().find(|it| it.fits(general, specific))
    }

    pub(crate) fn for_creation(&self) -> ResourceTypeOptionsForCreationDto {
        let mut all = ResourceTypeOptionsForCreationDto::default();
        match self {
            Self::Linked => {
                let nothing = LinkedDataResourceTypeOptionsForManipulationDto(serde_json::Map::new());
                all.linked_resource_type_options = Some(nothing);
            }
            Self::GitLab(it) => {
                all.gitlab_resource_type_options = Some(GitlabResourceTypeOptionsForCreationDto {
                    access_token: it.access_token.expose_secret().to_owned(),
                    branch: it.branch.clone(),
                    project_id: it.project_id,
                    repo_url: it.url.clone(),
                    tos_accepted: it.terms_accepted,
                });
            }
            Self::Rds { quota } => {
                let quota = quantity(*quota);
                all.rds_resource_type_options = Some(RdsResourceTypeOptionsForManipulationDto { quota });
            }
            Self::RdsS3 { quota } => {
                let quota = quantity(*quota);
                all.rds_s3_resource_type_options = Some(RdsS3ResourceTypeOptionsForManipulationDto { quota });
            }
            Self::RdsS3Worm { quota } => {
                let quota = quantity(*quota);
                all.rds_s3_worm_resource_type_options = Some(RdsS3WormResourceTypeOptionsForManipulationDto { quota });
            }
            Self::NrwWeb(it) => {
                all.data_storage_nrw_web_resource_type_options =
                    Some(DataStorageNrwWebResourceTypeOptionsForManipulationDto {
                        lifecycle_options: it.lifecycle(),
                        quota: quantity(it.quota),
                        replication_group: it.replication(),
                    });
            }
            Self::NrwS3(it) => {
                all.data_storage_nrw_s3_resource_type_options =
                    Some(DataStorageNrwS3ResourceTypeOptionsForManipulationDto {
                        lifecycle_options: it.lifecycle(),
                        quota: quantity(it.quota),
                        replication_group: it.replication(),
                    });
            }
            Self::NrwS3Worm(it) => {
                all.data_storage_nrw_s3_worm_resource_type_options =
                    Some(DataStorageNrwS3WormResourceTypeOptionsForManipulationDto {
                        lifecycle_options: it.lifecycle(),
                        quota: quantity(it.quota),
                        replication_group: it.replication(),
                    });
            }
        }
        all
    }

    /// Of a GitLab only branch and token can be changed; all else is as for a new resource.
    pub(crate) fn for_update(&self) -> ResourceTypeOptionsForUpdateDto {
        let new = self.for_creation();
        ResourceTypeOptionsForUpdateDto {
            data_storage_nrw_s3_resource_type_options: new.data_storage_nrw_s3_resource_type_options,
            data_storage_nrw_s3_worm_resource_type_options: new.data_storage_nrw_s3_worm_resource_type_options,
            data_storage_nrw_web_resource_type_options: new.data_storage_nrw_web_resource_type_options,
            gitlab_resource_type_options: new
                .gitlab_resource_type_options
                .map(|it| GitlabResourceTypeOptionsForUpdateDto { access_token: it.access_token, branch: it.branch }),
            linked_resource_type_options: new.linked_resource_type_options,
            rds_resource_type_options: new.rds_resource_type_options,
            rds_s3_resource_type_options: new.rds_s3_resource_type_options,
            rds_s3_worm_resource_type_options: new.rds_s3_worm_resource_type_options,
        }
    }
}

/// What may be said of where a resource's data lies, whatever its type; [`StorageOptions::storage`] takes what the type wants.
#[derive(Clone, Debug, Default)]
pub struct StorageOptions {
    /// Its size in bytes.
    pub quota: Option<u64>,
    /// Of DataStorage.nrw: see [`NrwStorage::abort_uploads_after_days`].
    pub abort_uploads_after_days: Option<i32>,
    /// Of DataStorage.nrw: see [`NrwStorage::expire_versions_after_days`].
    pub expire_versions_after_days: Option<i32>,
    /// Of DataStorage.nrw: see [`NrwStorage::replication`].
    pub replication: Option<String>,
    /// Of a GitLab.
    pub repository: Option<Repository>,
}

impl StorageOptions {
    /// Whether nothing is said, or nothing but a size.
    pub fn is_only_size(&self) -> bool {
        self.repository.is_none() && self.nrw(0) == NrwStorage::default()
    }

    fn nrw(&self, quota: u64) -> NrwStorage {
        NrwStorage {
            quota,
            abort_uploads_after_days: self.abort_uploads_after_days,
            expire_versions_after_days: self.expire_versions_after_days,
            replication: self.replication.clone(),
        }
    }

    /// What makes a resource of the type `general`, `specific`.
    ///
    /// ```
    /// use whimbrel::coscine::{Storage, StorageOptions};
    ///
    /// let said = StorageOptions { quota: Some(25 << 30), ..StorageOptions::default() };
    /// assert!(matches!(said.storage("rds", "rdsrwth")?, Storage::Rds { .. }));
    /// assert!(StorageOptions::default().storage("rds", "rdsrwth").is_err());
    /// # Ok::<(), whimbrel::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Kind::Invalid`] for what the type needs and is not said, and for what is said and the type does not know.
    pub fn storage(self, general: &str, specific: &str) -> Result<Storage> {
        let about = || format!("resource type {specific}");
        let needs = |what: &str| Error::invalid(format!("a resource of this type needs {what}")).about(about());
        let storage = match general.to_ascii_lowercase().as_str() {
            "linked" => Storage::Linked,
            "gitlab" => Storage::GitLab(self.repository.clone().ok_or_else(|| needs("a repository of the GitLab"))?),
            _ => {
                let quota = self.quota.ok_or_else(|| needs("a quota"))?;
                match Storage::of_size(quota, general, specific) {
                    Some(Storage::NrwWeb(_)) => Storage::NrwWeb(self.nrw(quota)),
                    Some(Storage::NrwS3(_)) => Storage::NrwS3(self.nrw(quota)),
                    Some(Storage::NrwS3Worm(_)) => Storage::NrwS3Worm(self.nrw(quota)),
                    Some(storage) => storage,
                    None => {
                        let message = "this version does not know what such a resource is made with";
                        return Err(Error::invalid(message).about(about()));
                    }
                }
            }
        };
        let is_nrw = matches!(storage, Storage::NrwWeb(_) | Storage::NrwS3(_) | Storage::NrwS3Worm(_));
        let unfit = [
            ("a repository", self.repository.is_some() && !matches!(storage, Storage::GitLab(_))),
            ("a quota", self.quota.is_some() && matches!(storage, Storage::GitLab(_) | Storage::Linked)),
            ("lifecycle and replication", !is_nrw && self.nrw(0) != NrwStorage::default()),
        ];
        match unfit.iter().find(|(_, is_said)| *is_said) {
            Some((what, _)) => {
                Err(Error::invalid(format!("a resource of this type knows nothing of {what}")).about(about()))
            }
            None => Ok(storage),
        }
    }
}

/// A bucket, and the keys to it. `Debug` shows no key.
///
/// ```no_run
/// # async fn example() -> whimbrel::Result<()> {
/// let coscine = whimbrel::coscine::Client::builder().token("...").build()?;
/// let bucket = coscine.project("Turbine 7").await?.resource("Bucket").await?;
/// let s3 = bucket.s3().await?;
/// println!("{} at {}", s3.bucket, s3.endpoint);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct S3 {
    /// The bucket's name.
    pub bucket: String,
    /// The URL of the S3 service.
    pub endpoint: String,
    /// Opens it for reading.
    pub read: Keys,
    /// Opens it for reading and writing.
    pub write: Keys,
}

/// A pair of S3 keys.
#[derive(Clone, Debug)]
pub struct Keys {
    /// The access key, which names the pair.
    pub access: SecretString,
    /// The secret key, which proves it.
    pub secret: SecretString,
}

impl S3 {
    /// The bucket among the options of a resource type, of whichever type it is.
    fn of(options: ResourceTypeOptionsDto) -> Option<Self> {
        macro_rules! first {
            ($($options:expr),*) => {
                $(if let Some(it) = $options {
                    let keys = |access: String, secret: String| Keys { access: access.into(), secret: secret.into() };
                    return Some(Self {
                        bucket: it.bucket_name,
                        endpoint: it.endpoint,
                        read: keys(it.access_key_read, it.secret_key_read),
                        write: keys(it.access_key_write, it.secret_key_write),
                    });
                })*
            };
        }
        first!(options.rds_s3, options.rds_s3_worm, options.data_storage_nrw_s3, options.data_storage_nrw_s3_worm);
        None
    }
}

impl Resource {
    /// The bucket that its data lies in, with the keys: asked of the server each time, and kept nowhere.
    ///
    /// # Errors
    /// [`Kind::Invalid`] if its type is none of S3; [`Kind::Forbidden`] if this user is given no keys, as guests are not.
    pub async fn s3(&self) -> Result<S3> {
        let about = || format!("bucket of {:?}", self.display_name());
        let kind = self.fresh().await.map_err(|e| e.about(about()))?.type_;
        if let Some(s3) = kind.options.and_then(S3::of) {
            return Ok(s3);
        }
        Err(match self.lies_in_s3() {
            true => Error::new(Kind::Forbidden, "the server gives this user no keys; guests get none"),
            false => Error::invalid(format!("a resource of the type {} has no bucket", kind.specific_type)),
        }
        .about(about()))
    }

    /// Whether its type is one of S3: content may go past the API, and metadata may come after it.
    pub(super) fn lies_in_s3(&self) -> bool {
        let kind = &self.details().type_;
        // As specific types have a site behind them, and the service writes them in different cases.
        let s3 = |name: &str| {
            let name = name.to_ascii_lowercase();
            ["rdss3", "dsnrws3"].iter().any(|kind| name.starts_with(kind))
        };
        s3(&kind.general_type) || s3(&kind.specific_type)
    }
}

/// A resource's way past the API for one transfer: opened when it is first wanted, with keys that are asked for once and
/// gone with it.
#[derive(Default)]
pub(super) struct Direct(OnceCell<Option<Buckets>>);

/// One bucket, opened by each pair of keys.
pub(super) struct Buckets {
    pub read: Bucket,
    /// None for who may not write, which is for the API to say.
    pub write: Option<Bucket>,
}

impl Direct {
    /// The bucket, where there is one that can be reached by this user and from here. Else the API has to do.
    pub(super) async fn buckets(&self, resource: &Resource) -> Option<&Buckets> {
        if !resource.lies_in_s3() {
            return None;
        }
        let open = || async {
            let opened = resource.open().await;
            opened.inspect_err(|error| tracing::debug!(%error, "content goes through the API")).ok()
        };
        self.0.get_or_init(open).await.as_ref()
    }
}

impl Resource {
    async fn open(&self) -> Result<Buckets> {
        /// Any answer shows that somebody is there.
        const REACH: Operation = Operation::new("reach", Method::HEAD, "", "");
        let S3 { bucket, endpoint, read, write } = self.s3().await?;
        let connection = self.client().connection();
        let base = Connection::base(connection.base_url())?;
        let endpoint = if endpoint.contains("://") { endpoint } else { format!("https://{endpoint}") };
        let endpoint = Connection::place(&base, &endpoint)?;
        let open = |keys: &Keys| {
            let Keys { access, secret } = keys.clone();
            let access = Access { endpoint: Some(endpoint.clone()), region: None, access, secret, session: None };
            Bucket::open(&access, &bucket, connection.once())
        };
        let writes = !self.is_archived() && !write.access.expose_secret().is_empty();
        let buckets = Buckets { read: open(&read)?, write: writes.then(|| open(&write)).transpose()? };
        let mut request = middleware::Request::new(middleware::Body::empty());
        *request.method_mut() = Method::HEAD;
        *request.uri_mut() = endpoint.as_str().parse().map_err(|_| Error::invalid("its bucket has no URL"))?;
        sent(&REACH, connection.once().send(request, REACH)).await?;
        Ok(buckets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coscine::Client;

    #[test]
    fn only_the_options_of_the_type_are_sent() {
        let repository = Repository {
            url: "https://git.example.org/a/b".to_owned(),
            project_id: 7,
            branch: "main".to_owned(),
            access_token: "hush".to_owned().into(),
            terms_accepted: true,
        };
        let nrw = NrwStorage { quota: 5 << 30, replication: Some("UZK-UPB".to_owned()), ..NrwStorage::default() };
        let gib = |n: u64| serde_json::json!({ "unit": "https://qudt.org/vocab/unit/GibiBYTE", "value": n });
        let quota = 5 << 30;
        let sized = serde_json::json!({ "quota": gib(5) });
        let placed = serde_json::json!({ "quota": gib(5), "replicationGroup": "UZK-UPB" });
        for (storage, key, value) in [
            (Storage::Linked, "linkedResourceTypeOptions", serde_json::json!({})),
            (
                Storage::GitLab(repository.clone()),
                "gitlabResourceTypeOptions",
                serde_json::json!({
                    "accessToken": "hush", "branch": "main", "projectId": 7, "repoUrl": "https://git.example.org/a/b",
                    "tosAccepted": true,
                }),
            ),
            (Storage::Rds { quota }, "rdsResourceTypeOptions", sized.clone()),
            (Storage::RdsS3 { quota }, "rdsS3ResourceTypeOptions", sized.clone()),
            (Storage::RdsS3Worm { quota }, "rdsS3WormResourceTypeOptions", sized),
            (Storage::NrwWeb(nrw.clone()), "dataStorageNrwWebResourceTypeOptions", placed.clone()),
            (Storage::NrwS3(nrw.clone()), "dataStorageNrwS3ResourceTypeOptions", placed.clone()),
            (Storage::NrwS3Worm(nrw), "dataStorageNrwS3WormResourceTypeOptions", placed),
        ] {
            let sent = serde_json::to_value(storage.for_creation()).unwrap();
            assert_eq!(sent, serde_json::json!({ key: value }));
            let changed = serde_json::to_value(storage.for_update()).unwrap();
            assert_eq!(changed.as_object().unwrap().keys().collect::<Vec<_>>(), [key]);
        }
        assert!(!format!("{:?}", Storage::GitLab(repository)).contains("hush"));
    }

    #[test]
    fn options_are_for_one_type() {
        assert!(Storage::Rds { quota: 1 }.fitting("rds", "rdsrwth").is_ok());
        assert!(Storage::NrwS3(NrwStorage::default()).fitting("dsNrw", "dsNrwS3").is_ok());
        assert_eq!(Storage::Rds { quota: 1 }.fitting("rdss3", "rdss3rwth").unwrap_err().kind(), Kind::Invalid);
        assert!(matches!(Storage::of_size(9, "rdsS3", "rdss3rwth"), Some(Storage::RdsS3 { quota: 9 })));
        assert!(Storage::of_size(9, "linked", "linked").is_none());
    }

    #[test]
    fn keys_are_read_from_each_type_and_never_shown() {
        let bucket = serde_json::json!({
            "bucketName": "b", "endpoint": "https://s3.example.org", "accessKeyRead": "ar", "secretKeyRead": "hush-r",
            "accessKeyWrite": "aw", "secretKeyWrite": "hush-w",
        });
        for key in ["rdsS3", "rdsS3Worm", "dataStorageNrwS3", "dataStorageNrwS3Worm"] {
            let s3 = S3::of(serde_json::from_value(serde_json::json!({ key: bucket })).unwrap()).unwrap();
            assert_eq!((s3.read.secret.expose_secret(), s3.write.access.expose_secret()), ("hush-r", "aw"), "{key}");
            assert!(!format!("{s3:?}").contains("hush"));
        }
        let web = serde_json::json!({ "rds": { "bucketName": "b" } });
        assert!(S3::of(serde_json::from_value(web).unwrap()).is_none());
    }

    #[tokio::test]
    async fn an_answer_with_keys_that_cannot_be_read_is_not_quoted() {
        let mut server = mockito::Server::new_async().await;
        let broken = r#"{"data":{"type":{"options":{"rdsS3":{"secretKeyWrite":"hush"}}}}}"#;
        let path = "/api/v2/projects/p/resources/r";
        server.mock("GET", path).with_header("content-type", "application/json").with_body(broken).create_async().await;
        let client = Client::builder().url(server.url()).token("t").build().unwrap();
        let resource =
            Resource::new(client, "p".to_owned(), "r".to_owned(), crate::coscine::resource::tests::described());
        let error = resource.s3().await.unwrap_err();
        assert_eq!(error.kind(), Kind::Unexpected);
        let source = std::error::Error::source(&error).map(ToString::to_string);
        assert!(!format!("{error} {error:?} {source:?}").contains("hush"), "{error}");
    }
}
