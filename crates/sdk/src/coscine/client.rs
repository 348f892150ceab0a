use std::sync::Arc;

use futures::{Stream, TryStreamExt as _};
use middleware::layer::Credentials;
use raw::{ResponseValue, coscine::operations as op};
use url::Url;

use super::{PathEncoding, Project, policy};
use crate::{
    Builder, Error, Kind, Page, Result, Service, Settings,
    builder::sealed,
    connect::{Connection, Policies},
    error::call,
    page::pages,
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
        };
        let encoding = self.path_encoding;
        let connection = Connection::new(settings, &base, credentials, &policies, move |r| encoding.apply(r))?;
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

    /// All projects that the user can see.
    pub fn projects(&self) -> Projects {
        Projects { client: self.clone() }
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
    data.ok_or_else(|| Error::new(Kind::Unexpected, "the server's answer is empty"))
}

/// What a deletion came to. One that was sent again may find nothing, as its first try was lost but for the answer.
pub(crate) fn deleted(sent: Result<ResponseValue<()>>) -> Result<()> {
    match sent {
        Err(error) if error.is_not_found() && error.attempts() > 1 => Ok(()),
        sent => sent.map(drop),
    }
}

/// The projects that the user can see.
#[derive(Clone, Debug)]
#[must_use]
pub struct Projects {
    client: Client,
}

impl Projects {
    /// The `n`-th page, from 1, of up to 50 projects.
    pub async fn page(&self, n: u32) -> Result<Page<Project>> {
        let sent = self.client.raw.get_projects().page_number(n as i32).page_size(PAGE_SIZE).top_level(false).send();
        let answer = call(&op::GET_PROJECTS, sent).await.map_err(|e| e.about("projects"))?.into_inner();
        let items = answer.data.unwrap_or_default().into_iter().map(|dto| Project::new(self.client.clone(), dto));
        Ok(Page { items: items.collect(), ..crate::page::of(answer.pagination.as_ref()) })
    }

    /// Every project, a page at a time.
    pub fn stream(self) -> impl Stream<Item = Result<Project>> + Send {
        pages(Project::id, move |n| {
            let list = self.clone();
            async move { list.page(n).await }
        })
    }
}

#[cfg(test)]
mod tests {
    use mockito::{Matcher, Server};

    use super::*;
    use crate::CacheMode;

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
