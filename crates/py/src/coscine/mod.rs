//! `whimbrel.coscine`, as far as it is Rust: each method is a call that has not been made yet.
//!
//! A handle of Python's is what the service told of a thing; here it becomes the SDK's again.

mod catalogue;
mod file;
mod form;
mod me;
mod member;
mod pid;
mod platform;
mod profile;
mod project;
mod resource;
mod search;
mod storage;
pub(crate) mod told;
mod transfer;

use std::sync::Arc;

use cli::login::{self, Asked, Given};
use futures::Stream;
use pyo3::{prelude::*, types::PyDict};
use serde::Serialize;
use whimbrel::{
    Connection, Paged, Result,
    coscine::{
        Client, Project, Resource, operations,
        types::{ProjectDto, ResourceDto},
    },
};

use crate::{api, call::Call, error, list::List, owned::Owned, settings, token::Token};

use told::Told;

/// Coscine.
#[pyclass(frozen, module = "whimbrel._native")]
pub(crate) struct Coscine(Arc<Owned<Client>>);

/// A resource as Python keeps it: the id of its project, and what the service told of it.
type ResourceTold = (String, Told<ResourceDto>);

/// What becomes of a resource for Python.
fn resource_told(resource: &Resource) -> (String, ResourceDto) {
    (resource.project_id().to_owned(), resource.details().clone())
}

api::service!(Coscine, operations::ALL);

impl Coscine {
    fn client(&self) -> PyResult<Client> {
        self.0.get()
    }

    fn connection(&self) -> PyResult<Arc<Connection>> {
        Ok(self.client()?.connection().clone())
    }

    /// A call that gives data.
    fn call<T, F>(&self, make: impl FnOnce(Client) -> F) -> PyResult<Call>
    where
        T: Serialize + Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        Ok(Call::data(make(self.client()?)))
    }

    /// A call of a project's.
    fn of_project<T, F>(&self, project: Told<ProjectDto>, make: impl FnOnce(Project) -> F) -> PyResult<Call>
    where
        T: Serialize + Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        Ok(Call::data(make(self.project_of(project)?)))
    }

    /// A call of a resource's.
    fn of_resource<T, F>(&self, resource: ResourceTold, make: impl FnOnce(Resource) -> F) -> PyResult<Call>
    where
        T: Serialize + Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        Ok(Call::data(make(self.resource_of(resource)?)))
    }

    fn project_of(&self, project: Told<ProjectDto>) -> PyResult<Project> {
        Ok(self.client()?.project_of(project.0))
    }

    fn resource_of(&self, (project, resource): ResourceTold) -> PyResult<Resource> {
        self.client()?.resource_of(project, resource.0).map_err(error::raised)
    }

    /// A list that comes in pages, each item as data.
    fn list<L, T>(
        &self,
        make: impl Fn(Client) -> Result<L> + Send + Sync + 'static,
        tell: impl Fn(L::Item) -> T + Clone + Send + Sync + 'static,
    ) -> List
    where
        L: Paged,
        T: Serialize + Send + 'static,
    {
        let client = self.0.clone();
        List::paged(move || make(client.get()?).map_err(error::raised), tell)
    }

    /// A list of something else.
    fn stream<T, S>(&self, make: impl Fn(Client) -> Result<S> + Send + Sync + 'static) -> List
    where
        T: Serialize + Send + 'static,
        S: Stream<Item = Result<T>> + Send + 'static,
    {
        let client = self.0.clone();
        List::of_stream(move || make(client.get()?).map_err(error::raised))
    }
}

#[pymethods]
impl Coscine {
    /// Where nothing is said of the server or of the token, both are found as the program finds them.
    #[new]
    fn new(url: Option<String>, token: Option<&Token>, settings: &Bound<'_, PyDict>) -> PyResult<Self> {
        let settings = settings::read(settings)?;
        // What was given in another process did not come along.
        let is_lost = token.is_some_and(|it| it.secret().is_none());
        let token = token.and_then(Token::secret).map(|token| Given::new(token, "token="));
        let login = login::coscine(&Asked { url, token, ..Asked::default() }).map_err(error::refused)?;
        let token = login.token.map_err(|why| {
            // What the program says of its own arguments is no help here.
            error::unproven(&why.replace("--token-file or --token-stdin", "token="), is_lost)
        })?;
        let settings = whimbrel::Settings { url: Some(login.url), ..settings };
        let make = move || Client::builder().settings(settings.clone()).token(token.secret.clone()).build();
        Ok(Self(Owned::new(make)?.into()))
    }
}
