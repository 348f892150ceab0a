//! What subscriptions have queued, fetched.

use pyo3::prelude::*;
use serde::Serialize;
use serde_json::Value;
use whimbrel::datasift::{Client, Pull};

use super::Datasift;
use crate::{call::Call, list::List};

#[derive(Serialize)]
struct Pulled {
    interactions: Vec<Value>,
    cursor: Option<String>,
    next: Option<String>,
}

fn pull(client: &Client, id: &str, size: Option<u64>, cursor: Option<&str>) -> Pull {
    let pull = client.pull(id);
    let pull = match size {
        Some(bytes) => pull.size(bytes),
        None => pull,
    };
    match cursor {
        Some(cursor) => pull.cursor(cursor),
        None => pull,
    }
}

#[pymethods]
impl Datasift {
    fn pull(&self, id: String, size: Option<u64>, cursor: Option<String>) -> PyResult<Call> {
        self.call(|client| async move {
            let pulled = pull(&client, &id, size, cursor.as_deref()).once().await?;
            Ok(Pulled { interactions: pulled.interactions, cursor: pulled.cursor, next: pulled.next })
        })
    }

    fn pull_on(&self, id: String, size: Option<u64>, cursor: Option<String>) -> List {
        let client = self.0.clone();
        List::of_stream(move || Ok(pull(&client.get()?, &id, size, cursor.as_deref()).stream()))
    }

    fn recent(&self, hash: String, count: Option<u64>, after: Option<String>) -> PyResult<Call> {
        self.call(|client| async move { client.recent(&hash, count, after.as_deref()).await })
    }
}
