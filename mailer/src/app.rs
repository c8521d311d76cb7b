//! The mailer put together; tests run this very function on port 0.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use runtime::kafka::{self, Quiet};
use runtime::peers::PeerToken;
use runtime::service::{self, Tasks};
use runtime::telemetry;
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::config::Config;
use crate::deliver;
use crate::metrics::METRICS;
use crate::source::kafka::Kafka;
use crate::source::{Intake, http};
use crate::store::Store;
use crate::transport::Transport;

/// Runs the mailer on `listener` until `shutdown` resolves.
pub async fn run(config: Config, listener: TcpListener, shutdown: impl Future<Output = ()>) -> anyhow::Result<()> {
    let mut tasks = Tasks::default();
    telemetry::describe(METRICS);
    let token = PeerToken::load(&config.peers)?;
    token.warn_if_open(listener.local_addr()?);
    let transport = match &config.mail_dir {
        Some(directory) => Transport::file(directory)?,
        None => Transport::smtp(&config.smtp_url)?,
    };
    let store = Store::open(&config.database_url).await?;
    let new = Arc::new(Notify::new());
    let intake = Intake { store: store.clone(), new: new.clone(), admission: http::admission() };
    tasks.spawn("deliver", deliver::run(store, transport, new, tasks.stop.clone()));
    if let Some(brokers) = &config.kafka_brokers {
        let member = kafka::consumer(brokers, &config.kafka_group, config.kafka_instance.as_deref());
        let source = Kafka {
            brokers: brokers.clone(),
            consumer: member.create_with_context(Quiet).context("no Kafka consumer")?,
            producer: kafka::producer(brokers, Duration::from_secs(5))
                .create_with_context(Quiet)
                .context("no Kafka producer")?,
            intake: intake.clone(),
        };
        tasks.spawn("kafka", source.run(tasks.stop.clone()));
    }
    service::serve(listener, http::router(intake, token), tasks, shutdown, config.common.grace).await
}
