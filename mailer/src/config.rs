//! The mailer's flags and environment.

use std::path::PathBuf;

use runtime::config::Common;
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
    /// Kafka brokers; without them mail requests come over HTTP alone
    #[arg(long, env = "ESE_KAFKA_BROKERS", value_name = "HOST:PORT,…")]
    pub kafka_brokers: Option<String>,
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
