use rpc::{Call, Value};

use super::{Service, storage::unexpected};
use crate::Result;

/// How grave a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i64)]
pub enum Level {
    /// For who looks for a mistake.
    Debug = 0,
    /// As it should be.
    Info = 1,
    /// Not as it should be.
    Warning = 2,
    /// A failure.
    Error = 3,
}

/// Where services and apps log.
#[derive(Clone, Debug)]
pub struct Logging(pub(crate) Service);

impl Logging {
    /// Logs a message with attributes. Nobody answers: that it has been sent is all that is known.
    ///
    /// # Errors
    /// It could not be sent.
    pub async fn emit(&self, level: Level, source: &str, message: &str, attributes: &[(&str, Value)]) -> Result<()> {
        // Pairs: of a map the server would hang up.
        let pair = |(name, value): &(&str, Value)| Value::from(vec![Value::from(*name), value.clone()]);
        let call = Call::new("emit").arg(level as i64).arg(source).arg(message);
        let attributes: Vec<_> = attributes.iter().map(pair).collect();
        let call = if attributes.is_empty() { call } else { call.arg(attributes) };
        self.0.ask(call).await.map(drop)
    }

    /// How grave a message must be to be kept: a [`Level`], as a number.
    ///
    /// # Errors
    /// See [`Kind`](crate::Kind).
    pub async fn verbosity(&self) -> Result<i64> {
        let told = self.0.call("verbosity").await?;
        told.as_i64().ok_or_else(|| unexpected("verbosity", &told))
    }
}
