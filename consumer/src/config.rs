//! The consumer's flags and environment.

use runtime::config::{Common, base_url, mail_address};
use runtime::guarantee::GuaranteeConfig;
use runtime::kafka::{EventTopics, KafkaConfig, MailTopic};
use runtime::keys::KeyConfig;
use runtime::peers::PeerConfig;

use crate::retention::RetentionConfig;

/// Takes events from push, poll and Kafka, applies the rules, keeps an exact ledger and shows it live.
#[derive(Clone, Debug, clap::Parser)]
#[command(name = "consumer", version)]
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
    /// How long what is kept.
    #[command(flatten)]
    pub retention: RetentionConfig,
    /// The consumer's database: sqlite:///path or postgres://…
    #[arg(long, env = "ESE_DATABASE_URL", hide_env_values = true, default_value = "sqlite://consumer.db", value_name = "URL", value_parser = runtime::database::url)]
    pub database_url: String,
    /// The backend, whose store http-poll polls
    #[arg(long, env = "ESE_BACKEND_URL", default_value = "http://127.0.0.1:8081", value_name = "URL", value_parser = base_url)]
    pub backend_url: String,
    /// The mailer
    #[arg(long, env = "ESE_MAILER_URL", default_value = "http://127.0.0.1:8083", value_name = "URL", value_parser = base_url)]
    pub mailer_url: String,
    /// Kafka brokers; without them, and without bootstrap.servers in Kafka's settings, nothing is consumed from Kafka and mails go over HTTP
    #[arg(long, env = "ESE_KAFKA_BROKERS", value_name = "HOST:PORT,…")]
    pub kafka_brokers: Option<String>,
    /// Kafka's settings.
    #[command(flatten)]
    pub kafka: KafkaConfig,
    /// The names of the topics of events.
    #[command(flatten)]
    pub topics: EventTopics,
    /// The name of the topic of mail requests.
    #[command(flatten)]
    pub mail_topic: MailTopic,
    /// Kafka consumer group
    #[arg(long, env = "ESE_KAFKA_GROUP", default_value = "consumer", value_name = "NAME")]
    pub kafka_group: String,
    /// Name of this process within the group: coming back under it, it goes on at once (static membership)
    #[arg(long, env = "ESE_KAFKA_INSTANCE", value_name = "NAME")]
    pub kafka_instance: Option<String>,
    /// How mail requests go to the mailer; by default Kafka where there is a broker
    #[arg(long, env = "ESE_MAIL_VIA", value_enum)]
    pub mail_via: Option<MailVia>,
    /// Be a second, independent reader: acknowledge nothing in http-poll's store, and keep the mails in the outbox
    #[arg(long, env = "ESE_SECOND_READER")]
    pub second_reader: bool,
    /// Sender of the alerts' mails
    #[arg(long, env = "ESE_MAIL_FROM", default_value = "ese@example.com", value_name = "ADDRESS", value_parser = mail_address)]
    pub mail_from: String,
    /// Recipient of the alerts' mails
    #[arg(long, env = "ESE_MAIL_TO", default_value = "operator@example.com", value_name = "ADDRESS", value_parser = mail_address)]
    pub mail_to: String,
}

/// How mail requests go to the mailer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum MailVia {
    /// POST to the mailer
    Http,
    /// The topic of mail requests
    Kafka,
}
