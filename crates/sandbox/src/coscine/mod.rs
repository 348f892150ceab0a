//! Coscine's API, version 2, from memory and a folder.

mod answer;
mod graphs;
mod platform;
mod profiles;
mod projects;
mod resources;
mod seed;
mod state;
mod storage;
mod users;
mod vocabulary;

use std::{
    collections::BTreeMap,
    io,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Limited};
use serde_json::Value;

use answer::{Answer, ContractViolation, bad, empty, envelope_of_page, missing, ok, page};
use state::{State, User};

use crate::{
    Body, Options, S3,
    document::{Document, Matched},
    server::{Serves, Side},
    signed::Signer,
};

/// The base path of the API.
pub(crate) const BASE: &str = "/coscine";

/// Items in a page, at most; of vocabularies' terms, at most.
const LARGEST_PAGE: usize = 50;
const LARGEST_PAGE_OF_TERMS: usize = 150;

/// The service; clones share its state.
#[derive(Clone)]
pub(crate) struct Service(Arc<Inner>);

struct Inner {
    state: Mutex<State>,
    folder: PathBuf,
    signer: Signer,
    /// How long a presigned URL is good.
    signed_for: Duration,
    lenient: bool,
    s3: Option<S3>,
}

/// A request that is known to be one of the document's operations, by a known user.
struct Ask {
    id: &'static str,
    user: User,
    path: BTreeMap<&'static str, String>,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    json: Value,
    body: Body,
}

impl Ask {
    fn path(&self, name: &str) -> &str {
        self.path.get(name).map_or("", String::as_str)
    }

    /// The path of the file that it is about; empty if it is about none.
    fn file(&self) -> &str {
        self.path.get("encodedPath").map_or(self.path("key"), String::as_str)
    }

    fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

impl Service {
    /// A service that holds what the seed `demo` puts there.
    pub(crate) fn new(folder: PathBuf, storage_url: String, options: &Options) -> io::Result<Self> {
        let mut state = seed::demo(&folder);
        if let Some(s3) = &options.s3 {
            state.resources.iter_mut().try_for_each(|resource| resource.open_bucket(&s3.folder))?;
        }
        let (signer, signed_for) = (Signer::new(storage_url), options.signed_for);
        let (lenient, s3) = (options.lenient, options.s3.clone());
        let state = Mutex::new(state);
        Ok(Self(Arc::new(Inner { state, folder, signer, signed_for, lenient, s3 })))
    }

    /// Users and their tokens.
    pub(crate) fn tokens(&self) -> Vec<(String, String)> {
        self.state().users.iter().map(|user| (user.name.clone(), user.tokens[0].secret.clone())).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers a request to the API.
    async fn call(&self, request: Request<Body>) -> Answer {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path();
        let Some(matched) = path.strip_prefix(BASE).map(|path| Document::coscine().operation(&parts.method, path))
        else {
            return empty(StatusCode::NOT_FOUND);
        };
        let matched = match matched {
            Ok(matched) => matched,
            Err(others) if others.is_empty() => return empty(StatusCode::NOT_FOUND),
            Err(_) => return empty(StatusCode::METHOD_NOT_ALLOWED),
        };
        let user = bearer(&parts.headers).and_then(|token| self.state().user_of(token).cloned());
        let Some(user) = user else {
            let mut answer = empty(StatusCode::UNAUTHORIZED);
            answer.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            return answer;
        };
        let query = parts.uri.query().unwrap_or_default();
        let query: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let media = parts.headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok());
        let mut violations = Document::coscine().violations(&matched, &query, media);
        let pass = |it: &String| self.0.lenient && it.starts_with(crate::document::UNKNOWN_QUERY);
        let passed: Vec<String> = violations.extract_if(.., |it| pass(it)).collect();
        let is_json = media.is_some_and(|media| media.contains("json") && !media.contains("ld+json"));
        let (json, body) = if is_json && violations.is_empty() {
            match read_json(body).await {
                Ok(json) => {
                    violations = Document::coscine().body_violations(&matched, &json);
                    (json, crate::no_body())
                }
                Err(why) => return bad(&why),
            }
        } else {
            (Value::Null, body)
        };
        if !violations.is_empty() {
            let mut answer = bad(&violations.join("; "));
            answer.extensions_mut().insert(ContractViolation(violations));
            return answer;
        }
        let Matched { id, path, .. } = &matched;
        let ask = Ask { id, user, path: path.clone(), query, headers: parts.headers, json, body };
        let mut answer = self.dispatch(ask).await.unwrap_or_else(|| least(&matched));
        if !passed.is_empty() {
            answer.extensions_mut().insert(ContractViolation(passed));
        }
        answer
    }

    /// `None` for an operation that holds nothing here.
    async fn dispatch(&self, ask: Ask) -> Option<Answer> {
        Some(match ask.id {
            "GetProjects"
            | "GetProject"
            | "CreateProject"
            | "UpdateProject"
            | "DeleteProject"
            | "GetSubProjectsForProject"
            | "GetMemberships"
            | "GetMembership"
            | "GetMyMembership"
            | "AddMembership"
            | "UpdateMembership"
            | "DeleteMembership"
            | "GetProjectInvitations"
            | "CreateProjectInvitation"
            | "GetProjectInvitation"
            | "DeleteProjectInvitation"
            | "GetProjectQuotas"
            | "GetProjectQuota"
            | "UpdateProjectQuota"
            | "CreatePublicationRequest"
            | "GetPublicationRequest"
            | "GetAllProjects" => self.projects(&ask),
            "GetResourcesForProject"
            | "GetResourceForProject"
            | "CreateResourceForProject"
            | "UpdateResourceForProject"
            | "DeleteResourceForProject"
            | "GetResource"
            | "GetAllResources"
            | "GetQuotaForResourceForProject" => self.resources(&ask),
            "ListFilesFromStorage" | "GetFileTree" => self.list_files(&ask),
            "HeadFileFromStorage" => self.head_file(&ask),
            "GetStorageRaw" | "GetBlob" => self.read_file(ask).await,
            "PostStorageRaw" | "CreateBlob" => self.write_file(ask, false).await,
            "PutStorageRaw" | "UpdateBlob" => self.write_file(ask, true).await,
            "DeleteStorageRaw" | "DeleteBlob" => self.delete_file(&ask),
            "GetStorageGraphTree"
            | "GetStorageGraph"
            | "HeadStorageGraph"
            | "GetMetadataVersion"
            | "HeadMetadataVersion"
            | "ListMetadataVersions"
            | "GetMetadataContent"
            | "CreateMetadataVersion"
            | "GetResourceGraphContent"
            | "GetProjectGraphContent"
            | "GetMetadataTree"
            | "CreateMetadataTree"
            | "UpdateMetadataTree"
            | "DeleteMetadataTree"
            | "GetSpecificMetadataTree" => self.graphs(ask).await,
            "GetCurrentUser"
            | "GetUsers"
            | "GetAllUsers"
            | "GetAllApiTokens"
            | "GetApiToken"
            | "CreateApiToken"
            | "RevokeToken"
            | "ResolveProjectInvitation"
            | "UpdateCurrentUser"
            | "GetNotifications"
            | "GetUserNotifications"
            | "GetUserNotification"
            | "CreateUserNotification"
            | "DeleteUserNotification" => self.users(&ask),
            "GetNotification" => one(vocabulary::notifications(), ask.path("notificationId")),
            "GetTos" => ok(&vocabulary::terms_of_service()),
            "AcceptCurrentTos" if ask.json["version"] != vocabulary::terms_of_service()["version"] => {
                missing("That version of the terms of service")
            }
            "GetNocMessages" | "GetActiveNocMessages" | "GetInternalMessages" => platform::messages(&ask),
            "GetPids" | "GetPid" | "SendRequestToOwner" | "GetHandle" => self.pids(&ask),
            "GetNumberOfCreatedProjectsKpi" | "GetNumberOfCreatedResourcesKpi" => self.kpis(&ask),
            "GetRoles" => page(&ask.query, state::Role::ALL.map(state::Role::dto).to_vec(), LARGEST_PAGE),
            "GetRole" => one(state::Role::ALL.map(state::Role::dto).to_vec(), ask.path("roleId")),
            "GetDisciplines" => page(&ask.query, searched(&ask, vocabulary::disciplines()), LARGEST_PAGE),
            "GetDiscipline" => one(vocabulary::disciplines(), ask.path("disciplineId")),
            "GetLicenses" => page(&ask.query, vocabulary::licenses(), LARGEST_PAGE),
            "GetLicense" => one(vocabulary::licenses(), ask.path("licenseId")),
            "GetLanguages" => page(&ask.query, vocabulary::languages(), LARGEST_PAGE),
            "GetLanguage" => one(vocabulary::languages(), ask.path("languageId")),
            "GetTitles" => page(&ask.query, vocabulary::titles(), LARGEST_PAGE),
            "GetTitle" => one(vocabulary::titles(), ask.path("titleId")),
            "GetVisibilities" => page(&ask.query, vocabulary::visibilities(), LARGEST_PAGE),
            "GetVisibility" => one(vocabulary::visibilities(), ask.path("visibilityId")),
            "GetOrganizations" => page(&ask.query, searched(&ask, vocabulary::organizations()), LARGEST_PAGE),
            "GetPublicationServices" => {
                page(&ask.query, searched(&ask, vocabulary::publication_services()), LARGEST_PAGE)
            }
            "GetOrganization" => one(vocabulary::organizations(), ask.path("organizationRorUri")),
            "GetAllResourceTypesInformation" => ok(&vocabulary::resource_types().into()),
            "GetAvailableResourceTypesInformationForProject" => ok(&vocabulary::resource_types().into()),
            "GetResourceTypeInformation" => one(vocabulary::resource_types(), ask.path("resourceTypeId")),
            "GetVocabularies" => page(&ask.query, searched(&ask, vocabulary::vocabularies()), LARGEST_PAGE),
            "GetVocabularyInstances" => {
                let class = ask.query("Class").unwrap_or_default();
                let of_class = |it: &Value| it["typeUri"] == class;
                let terms = vocabulary::instruments().into_iter().filter(of_class).collect();
                page(&ask.query, searched(&ask, terms), LARGEST_PAGE_OF_TERMS)
            }
            "GetVocabularyInstance" => one(vocabulary::instruments(), ask.path("instance")),
            "GetRawVocabulary" => answer::bytes(StatusCode::OK, "text/turtle", raw_vocabulary()),
            "GetApplicationProfiles" => page(&ask.query, searched(&ask, profiles::list()), LARGEST_PAGE),
            "GetApplicationProfile" => match profiles::dto(ask.path("profile")) {
                Some(dto) => ok(&dto),
                None => missing("The application profile"),
            },
            "GetRawApplicationProfile" => match profiles::turtle(ask.path("profile")) {
                Some(turtle) => answer::bytes(StatusCode::OK, "text/turtle", turtle),
                None => missing("The application profile"),
            },
            "GetSearchResults" => self.search(&ask),
            _ => return None,
        })
    }

    /// Anything the user can see whose name holds the words.
    fn search(&self, ask: &Ask) -> Answer {
        let words = ask.query("Query").unwrap_or_default().to_lowercase();
        let state = self.state();
        let seen = state.projects.iter().filter(|it| it.members.contains_key(&ask.user.id));
        let projects = seen.clone().map(|it| ("Project", &it.dto));
        let resources = state.resources.iter().filter(|it| seen.clone().any(|project| project.id == it.project));
        let all = projects.chain(resources.map(|it| ("Resource", &it.dto)));
        let holds = |dto: &Value| dto["name"].as_str().is_some_and(|name| name.to_lowercase().contains(&words));
        let found: Vec<_> = all.filter(|(_, dto)| holds(dto)).collect();
        let category = |kind: &str| format!("https://purl.org/coscine/terms/structure#{kind}");
        let counts = ["Project", "Resource"].map(|kind| {
            let count = found.iter().filter(|(of, _)| *of == kind).count();
            serde_json::json!({ "name": category(kind), "count": count })
        });
        let result = |(kind, dto): (&str, &Value)| {
            let uri =
                format!("https://purl.org/coscine/{}s/{}", kind.to_lowercase(), dto["id"].as_str().unwrap_or_default());
            serde_json::json!({ "uri": uri, "type": category(kind), "source": dto })
        };
        let wanted = ask.query("Category").filter(|it| *it != "None");
        let found = found.into_iter().map(result).filter(|it| wanted.is_none_or(|wanted| it["type"] == wanted));
        let mut envelope = envelope_of_page(&ask.query, found.collect(), LARGEST_PAGE);
        envelope["categories"] = counts.to_vec().into();
        answer::json(StatusCode::OK, &envelope)
    }
}

/// Its API.
impl Serves for Service {
    const SIDE: Side = Side::Api;

    fn operation(&self, method: &Method, path: &str) -> &'static str {
        let matched = path.strip_prefix(BASE).and_then(|path| Document::coscine().operation(method, path).ok());
        matched.map_or("unknown", |it| it.id)
    }

    fn user(&self, headers: &HeaderMap) -> Option<String> {
        self.state().user_of(bearer(headers)?).map(|user| user.name.clone())
    }

    fn serve(&self, request: Request<Body>) -> impl Future<Output = Answer> + Send {
        self.call(request)
    }

    fn unauthorized(&self) -> Answer {
        empty(StatusCode::UNAUTHORIZED)
    }
}

/// The storage that its signed URLs point to.
pub(crate) struct Storage(pub Service);

impl Serves for Storage {
    const SIDE: Side = Side::Storage;

    fn serve(&self, request: Request<Body>) -> impl Future<Output = Answer> + Send {
        self.0.storage(request)
    }
}

/// The least that the document allows: for operations whose subject is not kept here.
fn least(matched: &Matched) -> Answer {
    let status = StatusCode::from_u16(Document::success(matched)).unwrap_or_default();
    match Document::coscine().least_answer(matched) {
        Some(json) => answer::bytes(status, "application/json; charset=utf-8", json.to_string()),
        None => empty(status),
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

async fn read_json(body: Body) -> Result<Value, String> {
    let body = Limited::new(body, 4 << 20).collect().await.map_err(|e| e.to_string())?;
    serde_json::from_slice(&body.to_bytes()).map_err(|e| format!("The body is not JSON: {e}"))
}

/// The one of these with this id or URI.
fn one(items: Vec<Value>, id: &str) -> Answer {
    let is_it = |it: &Value| ["id", "uri", "instanceUri"].iter().any(|key| it[*key] == id);
    match items.into_iter().find(is_it) {
        Some(found) => ok(&found),
        None => missing("It"),
    }
}

/// Those of these that hold the `SearchTerm` in a name.
fn searched(ask: &Ask, items: Vec<Value>) -> Vec<Value> {
    let Some(term) = ask.query("SearchTerm").map(str::to_lowercase) else { return items };
    let holds = |it: &Value| {
        let mut names =
            ["displayName", "displayNameEn", "displayNameDe", "uri"].iter().filter_map(|key| it[*key].as_str());
        names.any(|name| name.to_lowercase().contains(&term))
    };
    items.into_iter().filter(holds).collect()
}

fn raw_vocabulary() -> String {
    let term = |it: &Value| {
        let text = |key: &str| it[key].as_str().unwrap_or_default().to_owned();
        let label = "<http://www.w3.org/2000/01/rdf-schema#label>";
        format!("<{}> a <{}> ; {label} \"{}\"@en .\n", text("instanceUri"), text("typeUri"), text("displayName"))
    };
    vocabulary::instruments().iter().map(term).collect()
}
