//! The backend's flags and environment.

use std::time::Duration;

use domain::RouteChoice;
use runtime::config::{Common, base_url, seconds};
use runtime::guarantee::GuaranteeConfig;
use runtime::kafka::{EventTopics, KafkaConfig};
use runtime::keys::KeyConfig;
use runtime::peers::PeerConfig;

/// Takes events in over HTTP and sends them to the consumer over http-push, http-poll or Kafka.
#[derive(Clone, Debug, clap::Parser)]
#[command(name = "backend", version)]
pub struct Config {
    /// The options of every service.
    #[command(flatten)]
    pub common: Common,
    /// The shared secret.
    #[command(flatten)]
    pub peers: PeerConfig,
    /// The write keys.
    #[command(flatten)]
    pub keys: KeyConfig,
    /// The guarantees.
    #[command(flatten)]
    pub guarantee: GuaranteeConfig,
    /// The consumer, to which http-push forwards
    #[arg(long, env = "ESE_CONSUMER_URL", default_value = "http://127.0.0.1:8082", value_name = "URL", value_parser = base_url)]
    pub consumer_url: String,
    /// The store of http-poll: sqlite:///path or postgres://…
    #[arg(long, env = "ESE_STORE_URL", hide_env_values = true, default_value = "sqlite://store.db", value_name = "URL", value_parser = runtime::database::url)]
    pub store_url: String,
    /// How long http-poll's store keeps an event, in seconds
    #[arg(long, env = "ESE_STORE_TTL", default_value = "600", value_name = "SECONDS", value_parser = seconds)]
    pub store_ttl: Duration,
    /// How many bytes of events http-poll's store keeps; past that, processed events give way, and others are refused
    #[arg(long, env = "ESE_STORE_BYTES", default_value_t = 512 << 20, value_name = "BYTES", value_parser = clap::value_parser!(u64).range(16 << 20..=1 << 50))]
    pub store_bytes: u64,
    /// Kafka brokers; without them, and without bootstrap.servers in Kafka's settings, the route kafka answers 503
    #[arg(long, env = "ESE_KAFKA_BROKERS", value_name = "HOST:PORT,…")]
    pub kafka_brokers: Option<String>,
    /// Kafka's settings.
    #[command(flatten)]
    pub kafka: KafkaConfig,
    /// The names of the topics.
    #[command(flatten)]
    pub topics: EventTopics,
    /// The route of batches that name none
    #[arg(long, env = "ESE_DEFAULT_ROUTE", default_value = "http-push", value_name = "ROUTE")]
    pub default_route: RouteChoice,
    /// The route of events that come by the original example's contract (POST /event and /events) and name none
    #[arg(long, env = "ESE_SEED_ROUTE", default_value = "http-poll", value_name = "ROUTE")]
    pub seed_route: RouteChoice,
    /// How many bytes of events may wait for http-push, and as many for http-poll and for kafka
    #[arg(long, env = "ESE_QUEUE_BYTES", default_value_t = 32 << 20, value_name = "BYTES", value_parser = clap::value_parser!(u32).range(1 << 20..=1 << 30))]
    pub queue_bytes: u32,
    /// Believe X-Forwarded-For: only behind a proxy that sets it
    #[arg(long, env = "ESE_TRUST_FORWARDED")]
    pub trust_forwarded: bool,
    /// Let pages of any origin use the original example's contracts; only for demonstrations
    #[arg(long, env = "ESE_DEMO_CORS")]
    pub demo_cors: bool,
}
