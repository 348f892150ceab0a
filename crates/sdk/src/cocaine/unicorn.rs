use futures::{Stream, StreamExt as _};
use rpc::{Call, Value};

use super::{
    Duplex, Service,
    storage::{texts, unexpected},
};
use crate::Result;

/// Settings and locks that all machines share, by path. It needs a ZooKeeper behind it.
#[derive(Clone, Debug)]
pub struct Unicorn(pub(crate) Service);

/// A value, and how often it was changed; -1 where there is none.
#[derive(Clone, Debug, PartialEq)]
pub struct Versioned {
    /// The value.
    pub value: Value,
    /// Its version.
    pub version: i64,
}

/// A lock that is held until this is dropped.
pub struct Held(#[allow(dead_code, reason = "it is held")] Duplex);

impl Unicorn {
    /// The value at a path.
    ///
    /// # Errors
    /// `NotFound`, if there is none.
    pub async fn get(&self, path: &str) -> Result<Versioned> {
        versioned("get", self.0.call(Call::new("get").arg(path)).await?)
    }

    /// Makes a path with a value; whether it was made.
    ///
    /// # Errors
    /// `Conflict`, if it is there.
    pub async fn create(&self, path: &str, value: impl Into<Value>) -> Result<bool> {
        let told = self.0.call(Call::new("create").arg(path).arg(value.into())).await?;
        told.as_bool().ok_or_else(|| unexpected("create", &told))
    }

    /// Changes the value of a version; whether that was its version, and what it is now.
    ///
    /// # Errors
    /// See [`Kind`](crate::Kind).
    pub async fn put(&self, path: &str, value: impl Into<Value>, version: i64) -> Result<(bool, Versioned)> {
        let told = self.0.call(Call::new("put").arg(path).arg(value.into()).arg(version)).await?;
        match told.as_array() {
            Some([Value::Bool(done), now]) => Ok((*done, versioned("put", now.clone())?)),
            _ => Err(unexpected("put", &told)),
        }
    }

    /// Removes a path whose value has this version.
    ///
    /// # Errors
    /// `Conflict`, if it has another.
    pub async fn remove(&self, path: &str, version: i64) -> Result<()> {
        self.0.ask(Call::new("remove").arg(path).arg(version)).await.map(drop)
    }

    /// Adds to a number; what it is then.
    ///
    /// # Errors
    /// See [`Kind`](crate::Kind).
    pub async fn increment(&self, path: &str, by: impl Into<Value>) -> Result<Versioned> {
        versioned("increment", self.0.call(Call::new("increment").arg(path).arg(by.into())).await?)
    }

    /// The value at a path, now and whenever it changes. Dropped, it is no longer watched.
    pub fn subscribe(&self, path: &str) -> impl Stream<Item = Result<Versioned>> + Send + use<> {
        let changes = self.0.call(Call::new("subscribe").arg(path)).stream();
        changes.map(|it| it.and_then(|it| versioned("subscribe", it)))
    }

    /// The names below a path, now and whenever one comes or goes.
    pub fn children(&self, path: &str) -> impl Stream<Item = Result<Vec<String>>> + Send + use<> {
        let changes = self.0.call(Call::new("children_subscribe").arg(path)).stream();
        changes.map(|it| match it?.as_array() {
            Some([_version, names]) => texts("children_subscribe", names.clone()),
            _ => Err(unexpected("children_subscribe", &Value::Nil)),
        })
    }

    /// Waits for a lock.
    ///
    /// # Errors
    /// See [`Kind`](crate::Kind).
    pub async fn lock(&self, path: &str) -> Result<Held> {
        let mut held = self.0.call(Call::new("lock").arg(path)).duplex().await?;
        match held.next().await.transpose()? {
            Some(Value::Bool(true)) => Ok(Held(held)),
            other => Err(unexpected("lock", &other.unwrap_or(Value::Nil))),
        }
    }
}

fn versioned(method: &str, value: Value) -> Result<Versioned> {
    match value.as_array() {
        Some([value, version]) if version.as_i64().is_some() => {
            Ok(Versioned { value: value.clone(), version: version.as_i64().unwrap_or_default() })
        }
        _ => Err(unexpected(method, &value)),
    }
}
