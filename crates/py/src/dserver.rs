//! `whimbrel.dserver`, as far as it is Rust: each method is a call that has not been made yet.

use std::sync::Arc;

use cli::login::{self, Asked, Given, Proof};
use pyo3::{prelude::*, types::PyDict};
use whimbrel::dserver;

use crate::{call::Call, error, list::List, owned::Owned, settings, token::Token};

/// A dserver.
#[pyclass(frozen, module = "whimbrel._native")]
pub(crate) struct Dserver(Arc<Owned<dserver::Client>>);

impl Dserver {
    /// A call that gives data.
    fn call<T, F>(&self, make: impl FnOnce(dserver::Client) -> F) -> PyResult<Call>
    where
        T: serde::Serialize + Send + 'static,
        F: Future<Output = whimbrel::Result<T>> + Send + 'static,
    {
        Ok(Call::data(make(self.0.get()?)))
    }

    /// A list of data.
    fn list<T, S>(&self, make: impl Fn(dserver::Client) -> S + Send + Sync + 'static) -> List
    where
        T: serde::Serialize + Send + 'static,
        S: whimbrel::Paged<Item = T>,
    {
        let client = self.0.clone();
        List::paged(move || Ok(make(client.get()?)), |item| item)
    }
}

#[pymethods]
impl Dserver {
    /// Where nothing is said of the server or of what proves who asks, dtool's configuration tells.
    #[new]
    #[pyo3(signature = (url, token, settings))]
    fn new(url: Option<String>, token: Option<&Token>, settings: &Bound<'_, PyDict>) -> PyResult<Self> {
        let settings = settings::read(settings)?;
        let token = token.and_then(Token::secret).map(|token| Given::new(token, "token="));
        let login = login::dserver(&Asked { url, token }).map_err(error::refused)?;
        let url = login
            .config
            .url()
            .ok_or_else(|| error::raised(whimbrel::Error::invalid("which dserver? Give url=, or set DSERVER_URL")))?;
        let generator = match login.proof {
            Proof::Off => None,
            Proof::Token(generator, _) => Some(*generator),
            Proof::Missing(why) => {
                return Err(error::raised(whimbrel::Error::new(whimbrel::Kind::Unauthenticated, why)));
            }
        };
        let verify = settings.verify_tls && login.config.verify_ssl();
        let settings = whimbrel::Settings { url: Some(url), verify_tls: verify, ..settings };
        let owned = Owned::new(move || {
            let builder = dserver::Client::builder().settings(settings.clone());
            match &generator {
                // This one is never asked, so that no thread has it in its hands when another forks.
                Some(generator) => builder.credentials(generator.apart()).build(),
                None => builder.build(),
            }
        })?;
        Ok(Self(owned.into()))
    }

    #[getter]
    fn url(&self) -> PyResult<String> {
        Ok(self.0.get()?.connection().base_url().to_owned())
    }

    fn versions(&self) -> PyResult<Call> {
        self.call(|client| async move { client.versions().await })
    }

    fn dataset(&self, uri: String) -> PyResult<Call> {
        self.call(|client| async move { client.dataset(&uri).await })
    }

    fn readme(&self, uri: String) -> PyResult<Call> {
        self.call(|client| async move { client.readme(&uri).await })
    }

    fn search(&self, text: Option<String>) -> List {
        self.list(move |client| match &text {
            Some(text) => client.search().text(text),
            None => client.search(),
        })
    }
}
