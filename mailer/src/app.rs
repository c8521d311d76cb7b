//! Builds and runs the mailer; the tests call [`run`] on port 0.

use std::sync::Arc;

use anyhow::Context;
use runtime::admin::Admin;
use runtime::kafka::consumer_loop::Follower;
use runtime::kafka::{self, DELIVERY_TIMEOUT, DebugLog, Topic, make_topics};
use runtime::peers::PeerToken;
use runtime::retention::{self, Measured, Retention};
use runtime::service::{self, Tasks};
use runtime::telemetry;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::deliver;
use crate::metrics::METRICS;
use crate::source::kafka::RequestProcessor;
use crate::source::{MailQueue, http};
use crate::store::Store;
use crate::transport::Transport;

/// Runs the mailer on `listener` until `shutdown` resolves.
pub async fn run(config: Config, listener: TcpListener, shutdown: impl Future<Output = ()>) -> anyhow::Result<()> {
    let mut tasks = Tasks::default();
    telemetry::describe(METRICS);
    let token = PeerToken::load(&config.peers)?;
    let admin = Admin::load(&config.common.admin, token.clone())?;
    let transport = match &config.mail_dir {
        Some(directory) => Transport::file(directory)?,
        None => Transport::smtp(&config.smtp_url)?,
    };
    let store = Store::open(&config.database_url).await?;
    store.database().watch(&mut tasks, None);
    let (new, measured) = (Arc::new(Notify::new()), Measured::default());
    let queue =
        MailQueue { store: store.clone(), new: new.clone(), measured: measured.clone(), admission: http::admission() };
    let retention = Retention { ttl: config.mail_ttl, bytes: config.mail_bytes };
    tasks.spawn("retention", prune(store.clone(), measured, retention, tasks.stop.clone()));
    tasks.spawn("deliver", deliver::run(store, transport, new, tasks.stop.clone()));
    if let Some(cluster) = config.kafka.cluster(config.kafka_brokers.as_deref()) {
        let settings = kafka::consumer(&cluster, &config.kafka_group, config.kafka_instance.as_deref());
        let producer = kafka::producer(&cluster, DELIVERY_TIMEOUT);
        let producer = producer.create_with_context(DebugLog).context("no Kafka producer")?;
        let processor = RequestProcessor(queue.clone());
        let (topic, stop) = (config.topic.mail_topic, tasks.stop.clone());
        tasks.spawn("kafka", async move {
            let topics = [Topic::new(&topic, 1), Topic::dead_letters(&topic)];
            match stop.run_until_cancelled(make_topics(&cluster, &topics)).await {
                Some(()) => Follower::join(settings, vec![topic], producer, processor)?.run(stop).await,
                None => Ok(()),
            }
        });
    }
    service::serve(listener, http::router(queue, token, &admin), tasks, shutdown, config.common.grace).await
}

/// Prunes old mails until the service stops.
async fn prune(store: Store, measured: Measured, retention: Retention, stop: CancellationToken) -> anyhow::Result<()> {
    retention::run(stop, || measured.prune(&store, retention)).await
}
