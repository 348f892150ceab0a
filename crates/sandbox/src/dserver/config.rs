//! What the server says of itself.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::{Ask, Refused, Service, answer};
use crate::answer::Answer;

/// As the released server gives it, with the plugins' defaults.
static CONFIG: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("config.json")).expect("the configuration is JSON"));

impl Service {
    pub(super) fn config(&self, ask: &Ask) -> Refused {
        self.known(ask, &self.state())?;
        Ok(answer::ok(&json!({ "config": *CONFIG })))
    }

    pub(super) fn versions(&self) -> Answer {
        let core = if self.is_next() { "0.23.0.dev0" } else { "0.22.0" };
        let mut versions = json!({
            "dserver_dependency_graph_plugin": "0.4.2", "dserver_direct_mongo_plugin": "0.4.2",
            "dserver_notification_plugin": "0.4.3", "dserver_retrieve_plugin_mongo": "0.4.2",
            "dserver_search_plugin_mongo": "0.4.2", "dservercore": core,
        });
        if self.is_next() {
            versions["dserver_signed_url_plugin"] = "0.1.0".into();
        }
        answer::ok(&json!({ "versions": versions }))
    }
}
