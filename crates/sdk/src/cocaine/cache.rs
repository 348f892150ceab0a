use bytes::Bytes;
use rpc::{Call, Value};

use super::{Service, storage::unexpected};
use crate::Result;

/// Values in the memory of a machine, for as long as there is room.
#[derive(Clone, Debug)]
pub struct Cache(pub(crate) Service);

impl Cache {
    /// The value of a key, if it is there.
    ///
    /// # Errors
    /// See [`Kind`](crate::Kind).
    pub async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        let told = self.0.ask(Call::new("get").arg(key)).await?;
        match &told[..] {
            [Value::Bool(true), Value::Raw(value), ..] => Ok(Some(value.clone())),
            [Value::Bool(false), ..] => Ok(None),
            _ => Err(unexpected("get", &Value::Array(told))),
        }
    }

    /// Keeps a value under a key.
    ///
    /// # Errors
    /// See [`Kind`](crate::Kind).
    pub async fn put(&self, key: &str, value: impl Into<Bytes>) -> Result<()> {
        self.0.ask(Call::new("put").arg(key).arg(value.into())).await.map(drop)
    }
}
