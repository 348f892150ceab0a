//! The server itself: its configuration, its versions, and what it can do.

use std::{collections::BTreeMap, fmt};

use raw::dserver::operations as op;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Client;
use crate::{Error, Kind, Result, error::call};

/// Something that not every dserver offers: it comes with a plugin, with a later release, or is switched on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Feature {
    /// [`Client::search`] by text.
    Search,
    /// [`Client::readme`], [`Client::manifest`], [`Client::tags`], [`Client::annotations`].
    Retrieve,
    /// [`Client::query`].
    Query,
    /// [`Client::aggregate`].
    Aggregation,
    /// [`Client::graph`].
    Graph,
    /// [`Client::graph_by`].
    OwnDependencyKeys,
    /// Links to a dataset's content, and to where a new one may be put.
    SignedUrls,
    /// Datasets that a storage tells the server of by itself.
    Notification,
    /// What came after release 0.22 of the core: writable readmes, tags and annotations, rights one by one.
    Writing,
    /// [`Client::health`]; after release 0.22 too.
    Health,
}

impl Feature {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Search,
        Self::Retrieve,
        Self::Query,
        Self::Aggregation,
        Self::Graph,
        Self::OwnDependencyKeys,
        Self::SignedUrls,
        Self::Notification,
        Self::Writing,
        Self::Health,
    ];

    /// The beginning of the names of the plugins that bring it, as the server's versions have them; the core has the rest.
    fn plugin(self) -> Option<&'static str> {
        match self {
            Self::Search => Some("dserver_search_plugin"),
            Self::Retrieve => Some("dserver_retrieve_plugin"),
            Self::Query | Self::Aggregation => Some("dserver_direct_mongo_plugin"),
            Self::Graph | Self::OwnDependencyKeys => Some("dserver_dependency_graph_plugin"),
            Self::SignedUrls => Some("dserver_signed_url_plugin"),
            Self::Notification => Some("dserver_notification_plugin"),
            Self::Writing | Self::Health => None,
        }
    }

    /// The server's own setting that switches it off although the plugin is there.
    fn switch(self) -> Option<&'static str> {
        match self {
            Self::Query => Some("allow_direct_query"),
            Self::Aggregation => Some("allow_direct_aggregation"),
            Self::Graph => Some("enable_dependency_view"),
            Self::OwnDependencyKeys => Some("dynamic_dependency_keys"),
            _ => None,
        }
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Search => "search",
            Self::Retrieve => "readmes, manifests, tags and annotations",
            Self::Query => "queries of MongoDB",
            Self::Aggregation => "aggregations of MongoDB",
            Self::Graph => "provenance graphs",
            Self::OwnDependencyKeys => "provenance graphs by own keys",
            Self::SignedUrls => "signed URLs",
            Self::Notification => "notifications by storages",
            Self::Writing => "writable readmes, tags, annotations and single rights",
            Self::Health => "health report",
        })
    }
}

/// What a server can do, by its versions and its configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Features {
    /// The core and each plugin with its version: `dservercore`, `dserver_search_plugin_mongo`...
    pub versions: BTreeMap<String, String>,
    /// Features whose plugin is there, and which the server's operator has switched off.
    pub off: Vec<Feature>,
}

impl Features {
    /// Whether the server offers it.
    pub fn has(&self, feature: Feature) -> bool {
        self.why_not(feature).is_none()
    }

    /// Why the server does not offer it, in words for its operator.
    pub fn why_not(&self, feature: Feature) -> Option<String> {
        if let Some(setting) = feature.switch().filter(|_| self.off.contains(&feature)) {
            return Some(format!("this dserver has {feature} switched off ({setting})"));
        }
        match feature.plugin() {
            Some(plugin) if self.versions.keys().any(|name| name.starts_with(plugin)) => None,
            Some(plugin) => Some(format!("this dserver has no {feature}: its plugin {plugin} is not installed")),
            None if self.is_later_than_022() => None,
            None => {
                let version = self.versions.get("dservercore").map_or("an unknown version", String::as_str);
                Some(format!(
                    "this dserver has no {feature}: for that it takes a release after 0.22, and it is {version}"
                ))
            }
        }
    }

    /// Whether the core is later than the last release that is known, 0.22.0: a later release, or a development version
    /// of one (`0.22.1.dev57`).
    fn is_later_than_022(&self) -> bool {
        let Some(version) = self.versions.get("dservercore") else { return false };
        let mut numbers = version.split(['.', '+', '-']).map_while(|part| part.parse::<u32>().ok());
        let mut number = || numbers.next().unwrap_or_default();
        (number(), number(), number()) > (0, 22, 0)
    }
}

impl Client {
    /// The server's configuration: any JSON, secrets left out by the server.
    pub async fn config(&self) -> Result<Map<String, Value>> {
        let answer = call(&op::GET_CONFIG, self.raw.get_config().send()).await?;
        Ok(answer.into_inner().config.unwrap_or_default())
    }

    /// The versions of the server and its plugins by name; any server tells them without a token.
    pub async fn versions(&self) -> Result<BTreeMap<String, String>> {
        let answer = call(&op::GET_VERSIONS, self.raw.get_versions().send()).await?;
        Ok(answer.into_inner().versions.unwrap_or_default().into_iter().collect())
    }

    /// What the server can do: two requests, whose answers are kept for five minutes.
    pub async fn features(&self) -> Result<Features> {
        let versions = self.versions().await?;
        let config = self.config().await?;
        let is_off = |feature: &Feature| feature.switch().is_some_and(|it| config.get(it) == Some(&Value::Bool(false)));
        Ok(Features { versions, off: Feature::ALL.into_iter().filter(is_off).collect() })
    }

    /// Whether the server and its parts are well, in its own words; a server of 0.22 can't tell
    /// ([`Feature::Health`]).
    pub async fn health(&self) -> Result<Map<String, Value>> {
        let answer = call(&op::GET_HEALTH, self.raw.get_health().send()).await;
        let told = self.offered(Feature::Health, answer).await?.into_inner();
        let mut health = told.extra;
        health.extend(told.status.map(|status| ("status".to_owned(), status.into())));
        Ok(health)
    }

    /// The answer of an operation that belongs to `feature`; where it may have failed because the server does not offer
    /// that, this is what the error says. A call that succeeds costs nothing more.
    pub(super) async fn offered<T>(&self, feature: Feature, answer: Result<T>) -> Result<T> {
        let Err(error) = answer else { return answer };
        let may_be_missing = matches!(error.status().map(|it| it.as_u16()), Some(404 | 405 | 501));
        if !may_be_missing {
            return Err(error);
        }
        match self.features().await.ok().and_then(|features| features.why_not(feature)) {
            Some(why) => Err(Error::new(Kind::NotFound, why)),
            None => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features(versions: &[(&str, &str)]) -> Features {
        let versions = versions.iter().map(|(name, version)| ((*name).to_owned(), (*version).to_owned())).collect();
        Features { versions, off: vec![] }
    }

    #[test]
    fn a_missing_plugin_is_named() {
        let features = features(&[("dservercore", "0.22.0"), ("dserver_search_plugin_mongo", "0.4.2")]);
        assert!(features.has(Feature::Search));
        let why = features.why_not(Feature::SignedUrls).unwrap();
        assert!(why.contains("dserver_signed_url_plugin is not installed"), "{why}");
        let why = features.why_not(Feature::Writing).unwrap();
        assert!(why.contains("after 0.22") && why.contains("0.22.0"), "{why}");
    }

    #[test]
    fn a_plugin_may_be_switched_off() {
        let off = vec![Feature::Aggregation];
        let features = Features { off, ..features(&[("dserver_direct_mongo_plugin", "0.4.2")]) };
        assert!(features.has(Feature::Query));
        assert!(features.why_not(Feature::Aggregation).unwrap().contains("switched off (allow_direct_aggregation)"));
    }

    #[test]
    fn what_is_later_than_the_release_is_known_by_its_version() {
        let later = |version: &str| features(&[("dservercore", version)]).has(Feature::Writing);
        assert!(later("0.22.1.dev57+gabc") && later("0.23.0") && later("1.0"));
        assert!(!later("0.22.0") && !later("0.21.5") && !later("unknown"));
        assert!(!features(&[]).has(Feature::Writing));
    }
}
