use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

use middleware::{Operation, layer::Credentials, layer::With};
use raw::{ResponseValue, datasift::operations as op};
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::{
    Allowance, Ingestion,
    credits::Meter,
    hosts::Hosts,
    key::ApiKey,
    policy,
    types::{AccountUsage, Balance, Compiled, Price, Usage, Validated},
};
use crate::{
    Builder, CacheMode, Error, Kind, Result, Service, Settings, api,
    builder::sealed,
    connect::{Connection, Policies},
    error,
};

/// What is special to DataSift when a client of it is made.
#[derive(Debug, Default)]
pub struct DataSift {
    key: Option<(String, SecretString)>,
}

impl Builder<DataSift> {
    /// The user, and an API key of the account or of one of its identities.
    pub fn api_key(mut self, user: impl Into<String>, key: impl Into<SecretString>) -> Self {
        self.service.key = Some((user.into(), key.into()));
        self
    }
}

impl sealed::Sealed for DataSift {}

impl Service for DataSift {
    type Client = Client;

    const NAME: &'static str = "DataSift";

    const PUBLIC: Option<&'static str> = Some(Hosts::PUBLIC);

    /// Bearer tokens are none of DataSift's, so `credentials` are not used.
    fn client(self, settings: &Settings, base: Url, _: Option<Arc<dyn Credentials>>) -> Result<Client> {
        let key = self.key.map(|(user, key)| ApiKey::new(user, key)).transpose()?;
        let (hosts, meter) = (Hosts::of(&base), Meter::default());
        let (raw, connection) = connect(settings, &hosts.api, key.as_ref(), &meter)?;
        let inner = Inner { settings: settings.clone(), hosts, key, meter, connection, ingestion: OnceLock::new() };
        Ok(Client { raw, inner: Arc::new(inner) })
    }
}

/// A client of one of the hosts.
fn connect(
    settings: &Settings,
    base: &Url,
    key: Option<&ApiKey>,
    meter: &Meter,
) -> Result<(raw::datasift::Client, Arc<Connection>)> {
    let policies = Policies {
        quota: None,
        repeatable: policy::repeatable,
        lifetime: policy::lifetime,
        makes_old: |_, _| vec![],
        refusal: None,
    };
    let credentials = key.map(|key| Arc::new(key.clone()) as Arc<dyn Credentials>);
    let meter = meter.clone();
    let wire = |transport| With::new(meter, transport);
    let connection = Connection::new(settings, base, credentials, &policies, wire)?;
    let stack = connection.stack().clone();
    let raw = raw::datasift::Client::new_with_client(connection.base_url(), connection.http(), stack);
    Ok((raw, Arc::new(connection)))
}

/// A handle on DataSift; cheap to clone. Its calls stand in the files of what they are about.
#[derive(Clone)]
pub struct Client {
    pub(super) raw: raw::datasift::Client,
    inner: Arc<Inner>,
}

struct Inner {
    settings: Settings,
    hosts: Hosts,
    key: Option<ApiKey>,
    meter: Meter,
    connection: Arc<Connection>,
    /// Made when it is first needed.
    ingestion: OnceLock<(raw::datasift::Client, Arc<Connection>)>,
}

impl Client {
    /// A client to be told its user and key.
    pub fn builder() -> Builder<DataSift> {
        Builder::new(DataSift::default())
    }

    /// Below the ergonomic calls: every operation, typed, through the same stack.
    pub fn raw(&self) -> &raw::datasift::Client {
        &self.raw
    }

    /// What this client's requests to the API have in common.
    pub fn connection(&self) -> &Arc<Connection> {
        &self.inner.connection
    }

    /// Checks a filter definition in CSDL; an error of [`Kind::Invalid`] says what is wrong with it, and where.
    pub async fn validate(&self, csdl: &str) -> Result<Validated> {
        self.told(&op::VALIDATE, None, self.raw.validate().body_map(|it| it.csdl(csdl)).send()).await
    }

    /// Whether a filter definition is one. Any error but that of a wrong definition is an error.
    pub async fn is_valid(&self, csdl: &str) -> Result<bool> {
        match self.validate(csdl).await {
            Ok(_) => Ok(true),
            Err(error) if error.status().is_some_and(|it| it.as_u16() == 400) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Compiles a filter definition in CSDL. Its hash is what streams, queries and subscriptions name; the same text always
    /// gives the same hash.
    pub async fn compile(&self, csdl: &str) -> Result<Compiled> {
        self.told(&op::COMPILE, None, self.raw.compile().body_map(|it| it.csdl(csdl)).send()).await
    }

    /// What live streams have used in the last hour or day.
    pub async fn usage(&self, period: Period) -> Result<Usage> {
        self.told(&op::GET_USAGE, None, self.raw.get_usage().period(period.of_streams()?).send()).await
    }

    /// What the account's plan has left.
    pub async fn balance(&self) -> Result<Balance> {
        self.told(&op::GET_BALANCE, None, self.raw.get_balance().send()).await
    }

    /// The price of a compiled definition, in data processing units an hour.
    pub async fn dpu(&self, hash: &str) -> Result<Price> {
        self.told(&op::GET_DPU, Some(hash), self.raw.get_dpu().hash(hash).send()).await
    }

    /// The price of a query of the archive.
    pub async fn historics_dpu(&self, id: &str) -> Result<Price> {
        self.told(&op::GET_DPU, Some(id), self.raw.get_dpu().historics_id(id).send()).await
    }

    /// What the account has used and what that costs, by hours, days or months; `start` and `end` bound it where given.
    pub async fn account_usage(
        &self,
        period: Period,
        start: Option<jiff::Timestamp>,
        end: Option<jiff::Timestamp>,
    ) -> Result<AccountUsage> {
        let mut asked = self.raw.get_account_usage().period(period.of_account());
        if let Some(start) = start {
            asked = asked.start(start.as_second());
        }
        if let Some(end) = end {
            asked = asked.end(end.as_second());
        }
        self.told(&op::GET_ACCOUNT_USAGE, None, asked.send()).await
    }

    /// The credits that are left of the account's hour, as the last answer told; `None` before one did.
    pub fn credits(&self) -> Option<Allowance> {
        self.inner.meter.credits()
    }

    /// What the host of ingestion allows still, as its last answer told.
    pub fn ingestion_left(&self) -> Option<Ingestion> {
        self.inner.meter.ingestion()
    }

    /// The credits that a call costs, known before it is made: as the server told last, else as it was recorded to be. A call
    /// that costs more than is known to be left is not sent: its error is [`Kind::RateLimited`], with the time to wait.
    ///
    /// ```
    /// # fn main() -> whimbrel::Result<()> {
    /// use whimbrel::datasift::{Client, operations};
    ///
    /// let datasift = Client::builder().api_key("ada", "a-key").build()?;
    /// assert_eq!(datasift.cost(&operations::COMPILE), Some(5));
    /// assert_eq!(datasift.cost(&operations::PREPARE_HISTORICS), Some(25));
    /// # Ok(()) }
    /// ```
    pub fn cost(&self, operation: &Operation) -> Option<u64> {
        self.inner.meter.cost(operation)
    }

    pub(super) fn hosts(&self) -> &Hosts {
        &self.inner.hosts
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    pub(super) fn key(&self) -> Result<&ApiKey> {
        let missing = || Error::new(Kind::Unauthenticated, "DataSift wants a user and an API key: give both");
        self.inner.key.as_ref().ok_or_else(missing)
    }

    /// What requests for this operation go through: ingestion has a host of its own.
    ///
    /// # Errors
    /// If no connection to that host can be made.
    pub fn connection_of(&self, operation: &Operation) -> Result<Arc<Connection>> {
        if *operation == op::INGEST { Ok(self.ingestion()?.1.clone()) } else { Ok(self.connection().clone()) }
    }

    pub(super) fn ingestion(&self) -> Result<&(raw::datasift::Client, Arc<Connection>)> {
        let Inner { settings, hosts, key, meter, ingestion, .. } = &*self.inner;
        if let Some(made) = ingestion.get() {
            return Ok(made);
        }
        let made = connect(settings, &hosts.ingestion, key.as_ref(), meter)?;
        Ok(ingestion.get_or_init(|| made))
    }

    /// A way to streams over HTTP, for who connects again by itself, and after `silence`: a stream where nothing is found
    /// stands still for longer than another answer may.
    pub(super) fn stream_connection(&self, silence: Duration) -> Result<Arc<Connection>> {
        let Inner { settings, hosts, key, meter, .. } = &*self.inner;
        let idle_seconds = settings.idle_seconds.max(silence.as_secs() + 1);
        let once = Settings { attempts: 1, cache: CacheMode::Off, idle_seconds, ..settings.clone() };
        Ok(connect(&once, &hosts.stream, key.as_ref(), meter)?.1)
    }

    /// The one way from the generated client's result to ours.
    pub(super) async fn told<T>(
        &self,
        operation: &Operation,
        about: Option<&str>,
        sent: impl Future<Output = Result<ResponseValue<T>, raw::Error<()>>>,
    ) -> Result<T> {
        match error::call(operation, sent).await {
            Ok(answer) => Ok(answer.into_inner()),
            Err(error) => Err(of_datasift(error, about)),
        }
    }

    /// One thing that its endpoint for lists gives: by itself, in a list, or in a page.
    pub(super) async fn one<T: DeserializeOwned>(
        &self,
        operation: &Operation,
        id: &str,
        pairs: &[(&str, &str)],
    ) -> Result<T> {
        if id.is_empty() {
            // The service would take it for the whole list.
            return Err(Error::invalid("an id is wanted, and it is empty").during(operation));
        }
        let arguments = api::Arguments::new(operation, pairs.iter().map(|(name, value)| (*name, *value)))?;
        let answer = api::send(self.connection(), operation, &arguments).await;
        let body = match answer {
            Ok(answer) => api::content(answer).await?,
            Err(error) => return Err(of_datasift(error, Some(id))),
        };
        match only(&body) {
            Ok(Some(one)) => Ok(one),
            Ok(None) => {
                let why = "the server's answer holds nothing of this id: is it one of this user's?";
                Err(Error::not_found(why).about(id))
            }
            Err(e) => {
                let why = format!("the server's answer is not what its description says ({e})");
                Err(Error::new(Kind::Unexpected, why).about(id).with_source(e))
            }
        }
    }
}

/// What an answer about one thing holds, whichever form it has; `None` if it holds none, or several. What is there and can't
/// be read is an error: it is not missing.
fn only<T: DeserializeOwned>(body: &[u8]) -> serde_json::Result<Option<T>> {
    if body.trim_ascii().is_empty() {
        return Ok(None);
    }
    let items = match serde_json::from_slice(body)? {
        Value::Array(items) => items,
        Value::Object(fields) if fields.is_empty() => vec![],
        Value::Object(fields) if !fields.contains_key("id") && fields.contains_key("count") => {
            let items = fields.into_iter().find_map(|(_, value)| match value {
                Value::Array(items) => Some(items),
                _ => None,
            });
            items.unwrap_or_default()
        }
        thing => vec![thing],
    };
    let Ok([item]) = <[Value; 1]>::try_from(items) else { return Ok(None) };
    serde_json::from_value(item).map(Some)
}

/// The same error in the words of this service.
pub(super) fn of_datasift(error: Error, about: Option<&str>) -> Error {
    let error = match about {
        Some(about) => error.about(about),
        None => error,
    };
    if error.status().is_some_and(|it| it.as_u16() == 401) {
        return error.hint("DataSift wants a user and one of that user's API keys, and tells both apart by case");
    }
    error
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("api", &self.inner.hosts.api.as_str()).finish_non_exhaustive()
    }
}

/// The pieces of time that usage is counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// By hours, or the last one.
    Hour,
    /// By days, or the last one.
    Day,
    /// By months, for accounts alone.
    Month,
}

impl Period {
    fn of_streams(self) -> Result<&'static str> {
        match self {
            Self::Hour => Ok("hour"),
            Self::Day => Ok("day"),
            Self::Month => Err(Error::invalid("the usage of streams is told of the last hour or day")),
        }
    }

    fn of_account(self) -> &'static str {
        match self {
            Self::Hour => "hourly",
            Self::Day => "daily",
            Self::Month => "monthly",
        }
    }
}

impl std::str::FromStr for Period {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "hour" | "hourly" => Ok(Self::Hour),
            "day" | "daily" => Ok(Self::Day),
            "month" | "monthly" => Ok(Self::Month),
            _ => Err(Error::invalid("it is hour, day or month").about(text)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_is_found_in_each_form_it_was_seen_in() {
        #[derive(Debug, PartialEq, serde::Deserialize)]
        struct Thing {
            id: String,
        }
        let thing = Some(Thing { id: "a".to_owned() });
        for form in [r#"{"id":"a","count":1}"#, r#"[{"id":"a"}]"#, r#"{"count":1,"sources":[{"id":"a"}]}"#] {
            assert_eq!(only::<Thing>(form.as_bytes()).unwrap(), thing, "{form}");
        }
        for none in ["", r#"{"count":0,"sources":[]}"#, "[]", "{}", r#"{"count":1}"#, r#"[{"id":"a"},{"id":"b"}]"#] {
            assert_eq!(only::<Thing>(none.as_bytes()).unwrap(), None, "{none}");
        }
        for unread in [r#"{"id":7}"#, r#"[{"id":7}]"#, "7", "<html>"] {
            assert!(only::<Thing>(unread.as_bytes()).is_err(), "{unread}");
        }
    }
}
