//! The mailer's flags and environment.

use std::path::PathBuf;
use std::time::Duration;

use runtime::config::{Common, seconds};
use runtime::kafka::{KafkaConfig, MailTopic};
use runtime::peers::PeerConfig;

/// Takes mail requests over HTTP and from Kafka, and sends each of them once.
#[derive(Clone, Debug, clap::Parser)]
#[command(name = "mailer", version)]
pub struct Config {
    /// The options of every service.
    #[command(flatten)]
    pub common: Common,
    /// The shared secret.
    #[command(flatten)]
    pub peers: PeerConfig,
    /// The mailer's database: sqlite:///path or postgres://…
    #[arg(long, env = "ESE_DATABASE_URL", hide_env_values = true, default_value = "sqlite://mailer.db", value_name = "URL", value_parser = runtime::database::url)]
    pub database_url: String,
    /// How long mails that were sent or given up are kept, in seconds; a request that comes again meanwhile sends nothing
    #[arg(long, env = "ESE_MAIL_TTL", default_value = "2592000", value_name = "SECONDS", value_parser = seconds)]
    pub mail_ttl: Duration,
    /// How many bytes mails may take; past that, those that were sent or given up first go, but none of the last hour
    #[arg(long, env = "ESE_MAIL_BYTES", default_value_t = 64 << 20, value_name = "BYTES")]
    pub mail_bytes: u64,
    /// Kafka brokers; without them, and without bootstrap.servers in Kafka's settings, mail requests come over HTTP alone
    #[arg(long, env = "ESE_KAFKA_BROKERS", value_name = "HOST:PORT,…")]
    pub kafka_brokers: Option<String>,
    /// Kafka's settings.
    #[command(flatten)]
    pub kafka: KafkaConfig,
    /// The name of the topic.
    #[command(flatten)]
    pub topic: MailTopic,
    /// Kafka consumer group
    #[arg(long, env = "ESE_KAFKA_GROUP", default_value = "mailer", value_name = "NAME")]
    pub kafka_group: String,
    /// Name of this process within the group: coming back under it, it goes on at once (static membership)
    #[arg(long, env = "ESE_KAFKA_INSTANCE", value_name = "NAME")]
    pub kafka_instance: Option<String>,
    /// The SMTP server: smtp://host:port, smtps://user:password@host, smtp://…?tls=required
    #[arg(
        long,
        env = "ESE_SMTP_URL",
        default_value = "smtp://127.0.0.1:1025",
        value_name = "URL",
        hide_env_values = true
    )]
    pub smtp_url: String,
    /// Write mails as .eml files into this directory instead of sending them
    #[arg(long, env = "ESE_MAIL_DIR", value_name = "DIR")]
    pub mail_dir: Option<PathBuf>,
}
