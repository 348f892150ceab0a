//! The services that every runtime has, with their types.

use pyo3::{prelude::*, types::PyBytes};
use whimbrel::cocaine::Level;

use super::{Cocaine, service::Told, value};
use crate::call::{Answer, Call};

fn level(number: i64) -> Level {
    match number {
        ..=0 => Level::Debug,
        1 => Level::Info,
        2 => Level::Warning,
        _ => Level::Error,
    }
}

fn bytes(content: bytes::Bytes) -> Answer {
    Answer::new(move |py| Ok(PyBytes::new(py, &content).into_any().unbind()))
}

#[pymethods]
impl Cocaine {
    fn storage_read(&self, namespace: String, key: String) -> PyResult<Call> {
        let storage = self.client()?.storage();
        Ok(Call::new(async move { storage.read(&namespace, &key).await.map(bytes) }))
    }

    fn storage_write(&self, namespace: String, key: String, content: Vec<u8>, tags: Vec<String>) -> PyResult<Call> {
        self.call(|client| async move {
            let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
            client.storage().write(&namespace, &key, content, &tags).await
        })
    }

    fn storage_remove(&self, namespace: String, key: String) -> PyResult<Call> {
        self.call(|client| async move { client.storage().remove(&namespace, &key).await })
    }

    fn storage_find(&self, namespace: String, tags: Vec<String>) -> PyResult<Call> {
        self.call(|client| async move {
            let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
            client.storage().find(&namespace, &tags).await
        })
    }

    fn emit(
        &self,
        grave: i64,
        source: String,
        message: String,
        attributes: Vec<(String, Bound<'_, PyAny>)>,
    ) -> PyResult<Call> {
        let attributes = attributes.into_iter().map(|(name, it)| Ok((name, value::read(&it)?)));
        let attributes = attributes.collect::<PyResult<Vec<_>>>()?;
        self.call(move |client| async move {
            let attributes: Vec<_> = attributes.iter().map(|(name, it)| (name.as_str(), it.clone())).collect();
            client.logging().emit(level(grave), &source, &message, &attributes).await
        })
    }

    fn verbosity(&self) -> PyResult<Call> {
        self.call(|client| async move { client.logging().verbosity().await })
    }

    fn cache_get(&self, key: String) -> PyResult<Call> {
        let cache = self.client()?.cache();
        Ok(Call::new(async move { Ok(cache.get(&key).await?.map_or_else(|| Answer::data(()), bytes)) }))
    }

    fn cache_put(&self, key: String, content: Vec<u8>) -> PyResult<Call> {
        self.call(|client| async move { client.cache().put(&key, content).await })
    }

    fn apps(&self) -> PyResult<Call> {
        self.call(|client| async move { client.node().list().await })
    }

    fn start_app(&self, app: String, profile: String) -> PyResult<Call> {
        self.call(|client| async move { client.node().start_app(&app, &profile).await })
    }

    fn pause_app(&self, app: String) -> PyResult<Call> {
        self.call(|client| async move { client.node().pause_app(&app).await })
    }

    fn node_info(&self, app: String) -> PyResult<Call> {
        let node = self.client()?.node();
        Ok(Call::new(async move {
            let told = node.info(&app).await?;
            Ok(Answer::new(move |py| Ok(value::told(py, told)?.unbind())))
        }))
    }

    fn app_info(&self, app: String) -> PyResult<Call> {
        let app = self.client()?.app(&app);
        Ok(Call::new(async move {
            let told = app.info().await?;
            Ok(Answer::new(move |py| Ok(value::told(py, told)?.unbind())))
        }))
    }

    fn resolve(&self, name: String) -> PyResult<Call> {
        self.call(|client| async move { client.locator().resolve(&name).await.map(|it| Told::of(&it)) })
    }

    fn cluster(&self) -> PyResult<Call> {
        let locator = self.client()?.locator();
        Ok(Call::new(async move {
            let told = locator.cluster().await?;
            Ok(Answer::new(move |py| Ok(value::told(py, told)?.unbind())))
        }))
    }

    fn uuid(&self) -> PyResult<Call> {
        self.call(|client| async move { client.locator().uuid().await })
    }

    fn refresh(&self, groups: Vec<String>) -> PyResult<Call> {
        self.call(|client| async move {
            let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
            client.locator().refresh(&groups).await
        })
    }
}
