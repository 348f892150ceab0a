use raw::coscine::{
    operations as op,
    types::{ApiTokenDto, ApiTokenForCreationDto},
};
use secrecy::SecretString;

use super::{
    Client, List, Listed,
    client::{PAGE_SIZE, deleted, given},
};
use crate::{Error, Page, Result, builder::sealed, error::call, page::of};

/// The longest life of a token, in days.
const LONGEST: u32 = 370;

/// An API token of the user, without its secret, which the server tells once.
///
/// A token acts as the whole user: there are no scopes.
///
/// ```no_run
/// # async fn example(coscine: whimbrel::coscine::Client) -> whimbrel::Result<()> {
/// use whimbrel::secrecy::ExposeSecret as _;
///
/// let (token, secret) = coscine.create_token("laptop", 90).await?;
/// std::fs::write("token", secret.expose_secret()).map_err(|e| whimbrel::Error::io("token".as_ref(), e))?;
/// println!("good until {:?}", token.details().expiry_date);
/// coscine.tokens().find("old laptop").await?.revoke().await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct ApiToken {
    client: Client,
    details: ApiTokenDto,
}

impl ApiToken {
    /// The token, and the secret if the server told it: no `Debug` of the handle may show it.
    pub(super) fn new(client: &Client, mut details: ApiTokenDto) -> (Self, Option<SecretString>) {
        let secret = details.token.take().map(SecretString::from);
        (Self { client: client.clone(), details }, secret)
    }

    /// Its id.
    pub fn id(&self) -> &str {
        self.details.id.as_deref().unwrap_or_default()
    }

    /// The name that the user gave it.
    pub fn name(&self) -> &str {
        self.details.name.as_deref().unwrap_or_default()
    }

    /// All that the server told of it, but for its secret. Dates are as the server wrote them, RFC 3339.
    pub fn details(&self) -> &ApiTokenDto {
        &self.details
    }

    /// Ends its life. The token that this client itself uses can be revoked too: each later call fails as
    /// [`Kind::Unauthenticated`](crate::Kind::Unauthenticated).
    pub async fn revoke(self) -> Result<()> {
        let sent = call(&op::REVOKE_TOKEN, self.client.raw.revoke_token().api_token_id(self.id()).send()).await;
        deleted(sent).map_err(|e| e.about(format!("token {:?}", self.name())))
    }
}

impl sealed::Sealed for ApiToken {}

impl Listed for ApiToken {
    const WHAT: &'static str = "token";

    fn id(&self) -> &str {
        self.id()
    }

    fn names(&self) -> [Option<&str>; 3] {
        [self.details.name.as_deref(), self.details.id.as_deref(), None]
    }

    async fn page(client: &Client, n: u32) -> Result<Page<Self>> {
        let sent = client.raw.get_all_api_tokens().page_number(n as i32).page_size(PAGE_SIZE).send();
        let answer = call(&op::GET_ALL_API_TOKENS, sent).await.map_err(Error::without_answer)?.into_inner();
        let items = answer.data.unwrap_or_default().into_iter().map(|dto| Self::new(client, dto).0);
        Ok(Page { items: items.collect(), ..of(answer.pagination.as_ref()) })
    }

    async fn get(client: &Client, id: &str) -> Result<Self> {
        let sent = client.raw.get_api_token().api_token_id(id).send();
        let answer = call(&op::GET_API_TOKEN, sent).await.map_err(Error::without_answer)?;
        Ok(Self::new(client, given(answer.into_inner().data)?).0)
    }
}

impl Client {
    /// The user's API tokens, found by name too.
    pub fn tokens(&self) -> List<ApiToken> {
        List::new(self)
    }

    /// Makes an API token that is good for `days`, 1 to 370, and tells its secret: keep it, the server never tells it
    /// again.
    ///
    /// # Errors
    /// [`Kind::Invalid`](crate::Kind::Invalid) for an empty name or another number of days. If no answer came
    /// ([`Error::is_ambiguous`]) there may be a token whose secret nobody knows: revoke it.
    pub async fn create_token(&self, name: &str, days: u32) -> Result<(ApiToken, SecretString)> {
        let about = || format!("token {name:?}");
        if name.trim().is_empty() {
            return Err(Error::invalid("a token needs a name").about(about()));
        }
        if !(1..=LONGEST).contains(&days) {
            return Err(Error::invalid(format!("a token is good for 1 to {LONGEST} days")).about(about()));
        }
        let body = ApiTokenForCreationDto { name: name.to_owned(), expires_in_days: days as i32 };
        let answer = call(&op::CREATE_API_TOKEN, self.raw.create_api_token().body(body).send()).await;
        let answer = answer.map_err(|e| e.without_answer().about(about()))?;
        let (token, secret) = ApiToken::new(self, given(answer.into_inner().data).map_err(|e| e.about(about()))?);
        Ok((token, given(secret).map_err(|e| e.about(about()))?))
    }
}

#[cfg(test)]
mod tests {
    use mockito::{Matcher, Server, ServerGuard};
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::{CacheMode, Kind};

    async fn answered(body: &str) -> (ServerGuard, Client) {
        let mut server = Server::new_async().await;
        server.mock("POST", Matcher::Any).with_status(201).with_body(body).create_async().await;
        let client = Client::builder().url(server.url()).token("t".to_owned()).cache(CacheMode::Off).build().unwrap();
        (server, client)
    }

    #[tokio::test]
    async fn the_secret_is_in_no_debug() {
        let (_server, client) = answered(r#"{"data":{"id":"1","name":"n","token":"s3cret"}}"#).await;
        let made = client.create_token("n", 7).await.unwrap();
        assert!(!format!("{made:?}").contains("s3cret"));
        assert_eq!(made.1.expose_secret(), "s3cret");
    }

    #[tokio::test]
    async fn an_answer_that_is_not_understood_is_not_shown() {
        for odd in [r#"{"data":{"id":{},"token":"s3cret"}}"#, r#"{"data":"s3cret"}"#, r#""s3cret"#] {
            let (_server, client) = answered(odd).await;
            let error = client.create_token("n", 7).await.unwrap_err();
            assert_eq!(error.kind(), Kind::Unexpected);
            let sources = std::error::Error::source(&error).map(ToString::to_string);
            assert!(!format!("{error} {error:?} {sources:?}").contains("s3cret"), "{odd}");
        }
    }

    #[tokio::test]
    async fn a_token_that_can_not_be_is_not_asked_for() {
        let (_server, client) = answered("").await;
        for (name, days) in [("n", 0), ("n", 371), (" ", 7)] {
            assert_eq!(client.create_token(name, days).await.unwrap_err().kind(), Kind::Invalid);
        }
    }
}
