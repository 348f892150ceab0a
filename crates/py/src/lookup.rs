//! `whimbrel.compat.dtool_lookup_api`, as far as it is Rust: a dserver with what proves to it who asks, as the caller has
//! that or as dtool's configuration tells; and the file of that configuration.

use std::{path::PathBuf, sync::Arc};

use cli::{
    dtool_file,
    login::{self, ForDserver, Proof},
};
use pyo3::prelude::*;
use whimbrel::{
    CacheMode, Connection, Kind, Settings,
    dserver::{self, TokenGenerator},
    secrecy::{ExposeSecret as _, SecretString},
};

use crate::{
    api,
    call::{Answer, Call},
    error,
    owned::Owned,
};

#[derive(Clone)]
struct Made {
    client: dserver::Client,
    generator: Option<TokenGenerator>,
}

/// A dserver, and what gives a token for it.
#[pyclass(frozen, module = "whimbrel._native")]
pub(crate) struct Lookup {
    made: Arc<Owned<Made>>,
    /// The token to begin with.
    first: Option<SecretString>,
}

api::service!(Lookup, dserver::operations::ALL);

impl Lookup {
    fn connection(&self) -> PyResult<Arc<Connection>> {
        Ok(self.made.get()?.client.connection().clone())
    }

    fn open(
        url: Option<String>,
        verify: bool,
        first: Option<SecretString>,
        generator: impl Fn() -> whimbrel::Result<Option<TokenGenerator>> + Send + Sync + 'static,
    ) -> PyResult<Self> {
        let url =
            url.ok_or_else(|| whimbrel::Error::invalid("which dserver? Set DSERVER_URL")).map_err(error::raised)?;
        // The old package asks each time, so what others have changed since is seen.
        let settings = Settings { url: Some(url), verify_tls: verify, cache: CacheMode::Off, ..Settings::default() };
        let made = Owned::new(move || {
            let generator = generator()?;
            let builder = dserver::Client::builder().settings(settings.clone());
            let client = match generator.clone() {
                Some(generator) => builder.credentials(generator.settings(&settings)).build()?,
                None => builder.build()?,
            };
            Ok(Made { client, generator })
        })?;
        Ok(Self { made: made.into(), first })
    }
}

#[pymethods]
impl Lookup {
    /// As the caller has it: nothing, a token, or a generator with username and password.
    #[new]
    #[pyo3(signature = (url, verify, token=None, generator=None, username=None, password=None))]
    fn new(
        url: Option<String>,
        verify: bool,
        token: Option<String>,
        generator: Option<String>,
        username: Option<String>,
        password: Option<String>,
    ) -> PyResult<Self> {
        let (token, password) = (token.map(SecretString::from), password.map(SecretString::from));
        let (first, server) = (token.clone(), url.clone().unwrap_or_default());
        Self::open(url, verify, first, move || {
            let generator = match (&generator, &token) {
                (Some(generator), _) => TokenGenerator::new(generator)?,
                (None, Some(token)) => return TokenGenerator::renewing(token.clone(), &server).map(Some),
                (None, None) => return Ok(None),
            };
            let mut generator = generator.verify_tls(verify);
            if let Some(username) = &username {
                generator = generator.username(username);
            }
            if let Some(password) = &password {
                generator = generator.password(password.clone());
            }
            Ok(Some(generator))
        })
    }

    /// As dtool's configuration tells, where the caller says nothing else. Nobody is asked for anything.
    #[staticmethod]
    fn configured(
        url: Option<String>,
        verify: bool,
        generator: Option<String>,
        username: Option<String>,
        password: Option<String>,
    ) -> PyResult<Self> {
        let account = login::Account { generator, username, password: password.map(SecretString::from) };
        let asked = login::Asked { url, account, silently: true, ..login::Asked::default() };
        let ForDserver { config, proof } = login::dserver(&asked).map_err(error::refused)?;
        let missing = |why: String| error::raised(whimbrel::Error::new(Kind::Unauthenticated, why));
        let url = config.url();
        let generator = match (proof, config.token(), &url) {
            (Proof::Token(generator, _), ..) => generator.verify_tls(verify),
            // Who wants none uses another class.
            (Proof::Off, Some(token), Some(url)) => TokenGenerator::renewing(token, url).map_err(error::raised)?,
            (Proof::Off, ..) => return Err(missing("there is no token".to_owned())),
            (Proof::Missing(why), ..) => return Err(missing(why)),
        };
        Self::open(url, verify, config.token(), move || Ok(Some(generator.apart())))
    }

    /// The token that is in use, or one that is asked for now, and whether it is another than the first.
    fn token(&self) -> PyResult<Call> {
        let (made, first) = (self.made.get()?, self.first.clone());
        Ok(Call::new(async move {
            let Some(generator) = made.generator else { return Ok(Answer::data((None::<String>, false))) };
            let token = generator.secret().await?.expose_secret().to_owned();
            let is_new = first.is_none_or(|first| first.expose_secret() != token);
            Ok(Answer::data((token, is_new)))
        }))
    }
}

/// Where dtool's configuration is, if there is a home folder.
#[pyfunction]
pub(crate) fn dtool_config_path() -> Option<PathBuf> {
    dtool_file::place()
}

/// Writes one setting of dtool's configuration, or takes it out; the file is whole at any moment.
#[pyfunction]
#[pyo3(signature = (key, value))]
pub(crate) fn set_dtool_config(py: Python<'_>, key: &str, value: Option<&str>) -> PyResult<()> {
    py.detach(|| dtool_file::set(key, value)).map_err(error::refused)
}
