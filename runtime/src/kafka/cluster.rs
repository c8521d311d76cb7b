//! A Kafka cluster: its brokers, and the user's settings for every client of them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// The user's settings, by librdkafka's names.
pub(super) type Settings = BTreeMap<String, String>;

/// A Kafka cluster; cheap to clone. A text with `HOST:PORT[,HOST:PORT…]` is one without settings.
#[derive(Clone)]
pub struct Cluster {
    brokers: Arc<str>,
    settings: Arc<Settings>,
}

impl Cluster {
    pub(super) fn new(brokers: &str, settings: Arc<Settings>) -> Self {
        Self { brokers: brokers.into(), settings }
    }

    /// The addresses of the brokers, `HOST:PORT[,HOST:PORT…]`.
    pub fn brokers(&self) -> &str {
        &self.brokers
    }

    /// The user's settings.
    pub(super) fn settings(&self) -> impl Iterator<Item = (&str, &str)> {
        self.settings.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Whether the brokers take connections without TLS and without a login.
    pub fn is_plaintext(&self) -> bool {
        self.settings.get("security.protocol").is_none_or(|protocol| protocol.eq_ignore_ascii_case("plaintext"))
    }

    /// Whether the login is OAUTHBEARER.
    pub(super) fn has_tokens(&self) -> bool {
        self.settings.get("sasl.mechanisms").is_some_and(|name| name.eq_ignore_ascii_case("oauthbearer"))
    }
}

impl From<&str> for Cluster {
    fn from(brokers: &str) -> Self {
        Self::new(brokers, Arc::default())
    }
}

impl From<&String> for Cluster {
    fn from(brokers: &String) -> Self {
        brokers.as_str().into()
    }
}

impl From<&Cluster> for Cluster {
    fn from(cluster: &Cluster) -> Self {
        cluster.clone()
    }
}

/// Never shows a value: it may be a secret.
impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<&str> = self.settings.keys().map(String::as_str).collect();
        f.debug_struct("Cluster").field("brokers", &self.brokers).field("settings", &keys).finish()
    }
}
