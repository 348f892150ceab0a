use bytes::Bytes;
use rpc::{Call, Value};

use super::Service;
use crate::{Error, Kind, Result};

/// Content by namespace and key, with tags that it is found by.
#[derive(Clone, Debug)]
pub struct Storage(pub(crate) Service);

impl Storage {
    /// The content of a key.
    ///
    /// # Errors
    /// `NotFound`, if there is none.
    pub async fn read(&self, namespace: &str, key: &str) -> Result<Bytes> {
        match self.0.call(Call::new("read").arg(namespace).arg(key)).await? {
            Value::Raw(content) => Ok(content),
            other => Err(unexpected("read", &other)),
        }
    }

    /// Keeps content under a key, in place of what is there.
    ///
    /// # Errors
    /// See [`Kind`].
    pub async fn write(&self, namespace: &str, key: &str, content: impl Into<Bytes>, tags: &[&str]) -> Result<()> {
        let call = Call::new("write").arg(namespace).arg(key).arg(content.into());
        self.0.ask(call.arg(list(tags))).await.map(drop)
    }

    /// Removes a key; one that is not there is no error.
    ///
    /// # Errors
    /// See [`Kind`].
    pub async fn remove(&self, namespace: &str, key: &str) -> Result<()> {
        self.0.ask(Call::new("remove").arg(namespace).arg(key)).await.map(drop)
    }

    /// The keys that have all of these tags.
    ///
    /// # Errors
    /// See [`Kind`].
    pub async fn find(&self, namespace: &str, tags: &[&str]) -> Result<Vec<String>> {
        texts("find", self.0.call(Call::new("find").arg(namespace).arg(list(tags))).await?)
    }

    /// The service that it is.
    pub fn service(&self) -> &Service {
        &self.0
    }
}

/// Texts as a list.
pub(crate) fn list(texts: &[&str]) -> Value {
    Value::Array(texts.iter().map(|it| Value::from(*it)).collect())
}

/// A list of texts.
pub(crate) fn texts(method: &str, value: Value) -> Result<Vec<String>> {
    let all = value.as_array().map(|it| it.iter().map(|it| it.as_str().map(str::to_owned)).collect::<Option<_>>());
    all.flatten().ok_or_else(|| unexpected(method, &value))
}

/// An answer of another kind than the method gives.
pub(crate) fn unexpected(method: &str, value: &Value) -> Error {
    Error::new(Kind::Unexpected, crate::printable(&format!("{method} answered {value}, which is not what it gives")))
}
