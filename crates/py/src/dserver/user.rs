//! Users, and what they can see.

use pyo3::prelude::*;

use super::Dserver;
use crate::{call::Call, list::List};

#[pymethods]
impl Dserver {
    fn me(&self) -> PyResult<Call> {
        self.call(|client| async move { client.me().await })
    }

    fn summary(&self) -> PyResult<Call> {
        self.call(|client| async move { client.summary().await })
    }

    fn summary_of(&self, username: String) -> PyResult<Call> {
        self.call(|client| async move { client.summary_of(&username).await })
    }

    fn users(&self) -> PyResult<List> {
        self.list(|client| Ok(client.users()))
    }

    fn user(&self, username: String) -> PyResult<Call> {
        self.call(|client| async move { client.user(&username).await })
    }

    fn register_user(&self, username: String, is_admin: bool) -> PyResult<Call> {
        self.call(move |client| async move { client.register_user(&username, is_admin).await })
    }

    fn delete_user(&self, username: String) -> PyResult<Call> {
        self.call(|client| async move { client.delete_user(&username).await })
    }

    fn rename_me(&self, display_name: String) -> PyResult<Call> {
        self.call(|client| async move { client.rename_me(&display_name).await })
    }

    fn rename_user(&self, username: String, display_name: String) -> PyResult<Call> {
        self.call(|client| async move { client.rename_user(&username, &display_name).await })
    }
}
