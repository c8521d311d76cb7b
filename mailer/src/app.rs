//! Builds and runs the mailer; the tests call [`run`] on port 0.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use domain::record::MAIL_TOPIC;
use runtime::kafka::follow::Follower;
use runtime::kafka::{self, DebugLog, Topic, make_topics};
use runtime::peers::PeerToken;
use runtime::service::{self, Tasks};
use runtime::telemetry;
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::config::Config;
use crate::deliver;
use crate::metrics::METRICS;
use crate::source::kafka::RequestProcessor;
use crate::source::{MailQueue, http};
use crate::store::Store;
use crate::transport::Transport;

/// How long a dead letter may wait for its delivery report before it is sent again.
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(5);

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
    let queue = MailQueue { store: store.clone(), new: new.clone(), admission: http::admission() };
    tasks.spawn("deliver", deliver::run(store, transport, new, tasks.stop.clone()));
    if let Some(brokers) = &config.kafka_brokers {
        let settings = kafka::consumer(brokers, &config.kafka_group, config.kafka_instance.as_deref());
        let producer = kafka::producer(brokers, DELIVERY_TIMEOUT);
        let producer = producer.create_with_context(DebugLog).context("no Kafka producer")?;
        let processor = RequestProcessor(queue.clone());
        let (brokers, stop) = (brokers.clone(), tasks.stop.clone());
        tasks.spawn("kafka", async move {
            let topics = [Topic::new(MAIL_TOPIC, 1), Topic::dead_letters(MAIL_TOPIC)];
            match stop.run_until_cancelled(make_topics(&brokers, &topics)).await {
                Some(()) => Follower::join(settings, [MAIL_TOPIC], producer, processor)?.run(stop).await,
                None => Ok(()),
            }
        });
    }
    service::serve(listener, http::router(queue, token), tasks, shutdown, config.common.grace).await
}
