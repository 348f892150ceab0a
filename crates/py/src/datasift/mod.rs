//! `whimbrel.datasift`, as far as it is Rust: each method is a call that has not been made yet.

mod account;
mod archive;
mod ask;
mod identity;
mod live;
mod pull;
mod push;
mod pylon;
mod source;

use std::sync::Arc;

use cli::login::{self, Account, Asked, Given};
use pyo3::{prelude::*, types::PyDict};
use serde::Serialize;
use serde_json::{Map, Value};
use whimbrel::{
    Connection, Error, Paged, Result,
    datasift::{Client, operations},
    jiff::Timestamp,
};

pub(crate) use live::DatasiftLive;

use crate::{api, call::Call, coscine::told::Told, error, list::List, owned::Owned, settings, token::Token};

/// DataSift.
#[pyclass(frozen, module = "whimbrel._native")]
pub(crate) struct Datasift(Arc<Owned<Client>>);

/// What the service itself gives meaning to.
type Fields = Told<Map<String, Value>>;

api::service!(Datasift, operations::ALL);

impl Datasift {
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

    /// A list that comes in pages.
    fn list<L>(&self, make: impl Fn(Client) -> L + Send + Sync + 'static) -> List
    where
        L: Paged<Item: Serialize>,
    {
        let client = self.0.clone();
        List::paged(move || Ok(make(client.get()?)), |item| item)
    }
}

#[pymethods]
impl Datasift {
    /// What is not said is found as the program finds it.
    #[new]
    fn new(
        url: Option<String>,
        api_key: Option<&Token>,
        settings: &Bound<'_, PyDict>,
        user: Option<String>,
    ) -> PyResult<Self> {
        let settings = settings::read(settings)?;
        // What was given in another process did not come along.
        let is_lost = api_key.is_some_and(|it| it.secret().is_none());
        let token = api_key.and_then(Token::secret).map(|key| Given::new(key, "api_key="));
        let account = Account { username: user, ..Account::default() };
        let found = login::datasift(&Asked { url, token, account, ..Asked::default() });
        let login = found.map_err(|failure| match failure {
            // What the program says of its own arguments is no help here.
            cli::Failure::NoToken(why) => {
                let why = why.replace("--token-file or --token-stdin", "api_key=").replace("--user", "user=");
                error::unproven(&why, is_lost)
            }
            other => error::refused(other),
        })?;
        let settings = whimbrel::Settings { url: login.url, ..settings };
        let (user, key) = (login.user, login.key.secret);
        let make = move || Client::builder().settings(settings.clone()).api_key(user.clone(), key.clone()).build();
        Ok(Self(Owned::new(make)?.into()))
    }
}

/// A moment from Python, which has its zone there.
fn moment(seconds: i64) -> PyResult<Timestamp> {
    Timestamp::from_second(seconds).map_err(|e| error::raised(Error::invalid(format!("a time that can't be: {e}"))))
}

fn moments(start: Option<i64>, end: Option<i64>) -> PyResult<(Option<Timestamp>, Option<Timestamp>)> {
    Ok((start.map(moment).transpose()?, end.map(moment).transpose()?))
}

/// Texts as the SDK takes them.
fn texts(of: &[String]) -> Vec<&str> {
    of.iter().map(String::as_str).collect()
}
