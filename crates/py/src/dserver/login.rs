//! Which server, and what proves who asks.

use cli::login::{self, Account, Asked, Given, Proof};
use pyo3::{prelude::*, types::PyDict};
use whimbrel::{Error, Settings, dserver};

use super::Dserver;
use crate::{error, owned::Owned, settings, token::Token};

#[pymethods]
impl Dserver {
    /// Where nothing is said of the server or of what proves who asks, dtool's configuration tells.
    #[new]
    #[pyo3(signature = (url, token, settings, generator=None, username=None, password=None, interactive=true))]
    fn new(
        url: Option<String>,
        token: Option<&Token>,
        settings: &Bound<'_, PyDict>,
        generator: Option<String>,
        username: Option<String>,
        password: Option<&Token>,
        interactive: bool,
    ) -> PyResult<Self> {
        let settings = settings::read(settings)?;
        // What was given in another process did not come along.
        let is_lost = [token, password].into_iter().flatten().any(|it| it.secret().is_none());
        let token = token.and_then(Token::secret).map(|token| Given::new(token, "token="));
        let account = Account { generator, username, password: password.and_then(Token::secret) };
        let asked = Asked { url, token, account, silently: !interactive };
        let login = login::dserver(&asked).map_err(error::refused)?;
        let url = login.config.url().ok_or_else(|| {
            error::raised(Error::invalid(
                "which dserver? Give url=, set DSERVER_URL, or run `whimbrel auth login dserver`",
            ))
        })?;
        let generator = match login.proof {
            Proof::Off => None,
            Proof::Token(generator, _) => Some(*generator),
            Proof::Missing(why) => {
                // What the program says of its own arguments is no help here.
                let why = why.split("; or run `whimbrel").next().unwrap_or_default();
                let advice = "; or run `whimbrel auth login dserver`, or give token=";
                return Err(error::unproven(&format!("{why}{advice}"), is_lost));
            }
        };
        let verify = settings.verify_tls && login.config.verify_ssl();
        let settings = Settings { url: Some(url), verify_tls: verify, ..settings };
        let owned = Owned::new(move || {
            let builder = dserver::Client::builder().settings(settings.clone());
            match &generator {
                // This one is never asked, so that no thread has it in its hands when another forks.
                Some(generator) => builder.credentials(generator.apart()).build(),
                None => builder.build(),
            }
        })?;
        Ok(Self { client: owned.into(), config: login.config })
    }
}
