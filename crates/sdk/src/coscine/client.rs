use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use middleware::layer::Credentials;
use raw::{ResponseValue, coscine::operations as op};
use tower::util::MapRequest;
use url::Url;

use super::{PathEncoding, Project, policy};
use crate::{
    Builder, Error, Kind, Page, Paged, Result, Service, Settings,
    builder::sealed,
    connect::{Connection, Policies},
    error::call,
};

/// Items in a page: the most that Coscine gives.
pub(crate) const PAGE_SIZE: i32 = 50;

/// What is special to Coscine when a client of it is made.
#[derive(Debug, Default)]
pub struct Coscine {
    path_encoding: PathEncoding,
}

impl Builder<Coscine> {
    /// How the paths of files are written into URLs.
    pub fn path_encoding(mut self, encoding: PathEncoding) -> Self {
        self.service.path_encoding = encoding;
        self
    }
}

impl sealed::Sealed for Coscine {}

impl Service for Coscine {
    type Client = Client;

    const NAME: &'static str = "Coscine";

    const PUBLIC: Option<&'static str> = Some("https://coscine.rwth-aachen.de/coscine");

    fn client(self, settings: &Settings, base: Url, credentials: Option<Arc<dyn Credentials>>) -> Result<Client> {
        let policies = Policies {
            quota: Some(policy::QUOTA),
            repeatable: policy::repeatable,
            lifetime: policy::lifetime,
            makes_old: policy::makes_old,
            refusal: None,
        };
        let encoding = self.path_encoding;
        let connection = Connection::new(settings, &base, credentials, &policies, |transport| {
            MapRequest::new(transport, move |r| encoding.apply(r))
        })?;
        let stack = connection.stack().clone();
        let raw = raw::coscine::Client::new_with_client(connection.base_url(), connection.http(), stack);
        Ok(Client { raw, connection: Arc::new(connection) })
    }
}

/// A handle on Coscine; cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) raw: raw::coscine::Client,
    pub(crate) connection: Arc<Connection>,
}

impl Client {
    /// A client to be told its token.
    pub fn builder() -> Builder<Coscine> {
        Builder::new(Coscine::default())
    }

    /// Below the ergonomic calls: every operation, typed, through the same stack.
    pub fn raw(&self) -> &raw::coscine::Client {
        &self.raw
    }

    /// What this client's requests have in common: its quota, its cache.
    pub fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }

    /// All projects that the user can see, at any depth.
    pub fn projects(&self) -> Projects {
        Projects { client: self.clone(), of: Of::Everything }
    }

    /// The project of this display name, name, slug or id.
    ///
    /// # Errors
    /// [`Kind::NotFound`](crate::Kind::NotFound) if there is none for this user; [`Kind::Invalid`](crate::Kind::Invalid)
    /// if there are several: name it by its id then.
    pub async fn project(&self, name: &str) -> Result<Project> {
        if let Ok(id) = name.parse::<uuid::Uuid>() {
            let sent = self.raw.get_project().project_id(id.to_string()).send();
            let answer = call(&op::GET_PROJECT, sent).await.map_err(|e| e.about(format!("project {name}")))?;
            let dto = answer.into_inner().data;
            let dto = dto.ok_or_else(|| Error::not_found("the server has no such project").about(name))?;
            return Ok(Project::new(self.clone(), dto));
        }
        let find = || async {
            let all = self.projects().stream().try_collect::<Vec<_>>().await?;
            only("project", name, all, |project| {
                [Some(project.name()), project.details().display_name.as_deref(), Some(project.slug())]
            })
        };
        self.connection.or_fresh(find).await
    }
}

/// The one thing that is called `name`, exactly or else but for upper and lower case.
pub(crate) fn only<'n, T, const N: usize>(
    what: &str,
    name: &str,
    all: Vec<T>,
    names: impl Fn(&T) -> [Option<&str>; N] + 'n,
) -> Result<T> {
    let matching = |same: fn(&str, &str) -> bool| {
        let matches = |thing: &T| names(thing).into_iter().flatten().any(|known| same(known, name));
        all.iter().enumerate().filter(|(_, thing)| matches(thing)).map(|(n, _)| n).collect::<Vec<_>>()
    };
    let mut found = matching(|a, b| a == b);
    if found.is_empty() {
        found = matching(|a, b| a.to_lowercase() == b.to_lowercase());
    }
    match found[..] {
        [n] => Ok(all.into_iter().nth(n).expect("found there")),
        [] => {
            let mut known: Vec<_> = all.iter().filter_map(|thing| names(thing).into_iter().flatten().next()).collect();
            known.sort_unstable();
            let more = if known.len() > 5 { ", ..." } else { "" };
            known.truncate(5);
            let hint = if known.is_empty() {
                "you see none".to_owned()
            } else {
                format!("you see: {}{more}", known.join(", "))
            };
            Err(Error::not_found(format!("there is no such {what}, or it is not shared with you; {hint}"))
                .about(format!("{what} {name:?}")))
        }
        _ => {
            let message = format!("{} of them are called so; name it by its id", found.len());
            Err(Error::invalid(message).about(format!("{what} {name:?}")))
        }
    }
}

/// What an answer was asked for. Coscine's document lets it be missing from a success.
pub(crate) fn given<T>(data: Option<T>) -> Result<T> {
    data.ok_or_else(empty_answer)
}

/// An answer without what was asked for.
pub(crate) fn empty_answer() -> Error {
    Error::new(Kind::Unexpected, "the server's answer lacks what it is there for")
}

/// What a deletion came to. One that was sent again may find nothing, as its first try was lost but for the answer.
pub(crate) fn deleted(sent: Result<ResponseValue<()>>) -> Result<()> {
    match sent {
        Err(error) if error.is_not_found() && error.attempts() > 1 => Ok(()),
        sent => sent.map(drop),
    }
}

/// Projects: all that the user can see, or those below another.
///
/// ```no_run
/// # async fn example() -> whimbrel::Result<()> {
/// use whimbrel::coscine::Branch;
///
/// fn show(branches: &[Branch], depth: usize) {
///     for branch in branches {
///         println!("{:depth$}{}", "", branch.project.display_name());
///         show(&branch.below, depth + 2);
///     }
/// }
///
/// let coscine = whimbrel::coscine::Client::builder().token("...").build()?;
/// show(&coscine.projects().tree().await?, 0);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Projects {
    client: Client,
    of: Of,
}

#[derive(Clone, Debug)]
enum Of {
    Everything,
    Top,
    Project { id: String, name: String },
}

impl Projects {
    pub(crate) fn below(project: &Project) -> Self {
        let of = Of::Project { id: project.id().to_owned(), name: project.display_name().to_owned() };
        Self { client: project.client.clone(), of }
    }

    /// Without those that are below another; of a project's subprojects, these are all.
    pub fn top_level(mut self) -> Self {
        if let Of::Everything = self.of {
            self.of = Of::Top;
        }
        self
    }

    /// These projects, each below its parent where that is among them or below them, at any depth.
    ///
    /// Costs one request a project, up to 8 at once, as a list does not tell reliably what is below what.
    pub async fn tree(self) -> Result<Vec<Branch>> {
        let mut order = vec![];
        let mut known = HashMap::new();
        let mut below = HashMap::new();
        let mut wave: Vec<Project> = self.stream().try_collect().await?;
        while !wave.is_empty() {
            let ids: Vec<_> = wave.iter().map(|project| project.id().to_owned()).collect();
            for project in wave {
                known.insert(project.id().to_owned(), project);
            }
            let lists: Vec<_> = ids.iter().map(|id| (id.clone(), known[id].subprojects())).collect();
            let children = lists.into_iter().map(|(id, list)| {
                let list = list.stream();
                async move {
                    match list.try_collect::<Vec<Project>>().await {
                        // One that is shown, but not shared.
                        Err(error) if error.kind() == Kind::Forbidden => Ok((id, vec![])),
                        list => Ok::<_, Error>((id, list?)),
                    }
                }
            });
            let children: Vec<_> = stream::iter(children).buffered(crate::transfer::JOBS).try_collect().await?;
            order.extend(ids);
            let mut next = HashMap::new();
            for (id, children) in children {
                below.insert(id, children.iter().map(|it| it.id().to_owned()).collect::<Vec<_>>());
                next.extend(children.into_iter().map(|it| (it.id().to_owned(), it)));
            }
            wave = next.into_values().filter(|it| !known.contains_key(it.id())).collect();
        }
        Ok(Branch::all(order, known, &below))
    }
}

impl Paged for Projects {
    type Item = Project;

    /// The `n`-th page, from 1, of up to 50 projects.
    async fn page(&self, n: u32) -> Result<Page<Project>> {
        let (raw, n) = (&self.client.raw, n as i32);
        let answer = match &self.of {
            Of::Everything | Of::Top => {
                let top = matches!(self.of, Of::Top);
                let sent = raw.get_projects().page_number(n).page_size(PAGE_SIZE).top_level(top).send();
                call(&op::GET_PROJECTS, sent).await.map_err(|e| e.about("projects"))?
            }
            Of::Project { id, name } => {
                let request = raw.get_sub_projects_for_project().project_id(id).page_number(n).page_size(PAGE_SIZE);
                let answer = call(&op::GET_SUB_PROJECTS_FOR_PROJECT, request.send()).await;
                answer.map_err(|e| e.about(format!("subprojects of {name:?}")))?
            }
        };
        let answer = answer.into_inner();
        let items = answer.data.unwrap_or_default().into_iter().map(|dto| Project::new(self.client.clone(), dto));
        Ok(Page { items: items.collect(), ..crate::page::of(answer.pagination.as_ref()) })
    }

    fn key<'i>(&self, item: &'i Project) -> Option<&'i str> {
        Some(item.id())
    }
}

/// A project and those below it.
#[derive(Clone, Debug)]
pub struct Branch<T = Project> {
    /// The project.
    pub project: T,
    /// Those below it.
    pub below: Vec<Branch<T>>,
}

impl<T> Branch<T> {
    /// Those of `order` that are below no other, with all below them. Each is put in one place, were there a circle.
    fn all(order: Vec<String>, mut known: HashMap<String, T>, below: &HashMap<String, Vec<String>>) -> Vec<Self> {
        let children: HashSet<&String> = below.values().flatten().collect();
        let (roots, rest): (Vec<_>, Vec<_>) = order.iter().partition(|id| !children.contains(id));
        roots.into_iter().chain(rest).filter_map(|id| Self::take(id, &mut known, below)).collect()
    }

    fn take(id: &str, known: &mut HashMap<String, T>, below: &HashMap<String, Vec<String>>) -> Option<Self> {
        let project = known.remove(id)?;
        let below = below.get(id).into_iter().flatten().filter_map(|id| Self::take(id, known, below)).collect();
        Some(Self { project, below })
    }
}

#[cfg(test)]
mod tests {
    use mockito::{Matcher, Server};

    use super::*;
    use crate::CacheMode;

    fn drawn(branches: &[Branch<char>]) -> String {
        let one = |it: &Branch<char>| [it.project.to_string(), "(".to_owned(), drawn(&it.below), ")".to_owned()];
        branches.iter().flat_map(one).collect()
    }

    #[test]
    fn each_project_stands_once_below_its_parent() {
        let tree = |order: &str, edges: &[&str]| {
            let known = order.chars().map(|c| (c.to_string(), c)).collect();
            let mut below: HashMap<String, Vec<String>> = HashMap::new();
            for edge in edges {
                below.entry(edge[..1].to_owned()).or_default().push(edge[1..].to_owned());
            }
            drawn(&Branch::all(order.chars().map(String::from).collect(), known, &below))
        };
        assert_eq!(tree("abcd", &["ba", "bd", "dc"]), "b(a()d(c()))");
        assert_eq!(tree("ab", &[]), "a()b()");
        assert_eq!(tree("cab", &["ab", "ba"]), "c()a(b())", "a circle");
        assert_eq!(tree("ab", &["ab", "ax"]), "a(b())", "one that is gone since");
    }

    #[tokio::test]
    async fn what_is_gone_at_the_second_try_is_deleted_and_at_the_first_was_never_there() {
        let mut server = Server::new_async().await;
        server.mock("DELETE", Matcher::Any).with_status(404).create_async().await;
        let client = Client::builder().url(server.url()).token("t".to_owned()).cache(CacheMode::Off).build().unwrap();
        let delete =
            async || deleted(call(&op::REVOKE_TOKEN, client.raw.revoke_token().api_token_id("1").send()).await);
        assert!(delete().await.unwrap_err().is_not_found());

        server.reset();
        server.mock("DELETE", Matcher::Any).with_status(503).expect(1).create_async().await;
        server.mock("DELETE", Matcher::Any).with_status(404).expect(1).create_async().await;
        delete().await.unwrap();
    }
}
