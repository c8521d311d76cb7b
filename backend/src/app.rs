//! Builds and runs the backend; the tests call [`run`] on port 0.

use std::sync::Arc;

use domain::Route;
use runtime::admin::Admin;
use runtime::guarantee::Guarantees;
use runtime::keys::Senders;
use runtime::peers::PeerToken;
use runtime::service::{self, Tasks};
use runtime::telemetry;
use tokio::net::TcpListener;

use crate::config::Config;
use crate::dispatch::Dispatch;
use crate::http::{self, AppState, Parts};
use crate::metrics::METRICS;
use crate::sink::{self, KafkaSink, NoBroker, Sink};
use crate::store::Store;

/// Runs the backend on `listener` until `shutdown` resolves.
pub async fn run(config: Config, listener: TcpListener, shutdown: impl Future<Output = ()>) -> anyhow::Result<()> {
    let mut tasks = Tasks::default();
    telemetry::describe(METRICS);
    let token = PeerToken::load(&config.peers)?;
    let admin = Admin::load(&config.common.admin, token.clone())?;
    let senders = Senders::load(&config.keys, admin.clone())?;
    let store = Arc::new(Store::open(&config.store_url, config.store_ttl, config.store_bytes).await?);
    store.database().watch(&mut tasks, Some("http-poll"));
    tasks.spawn("expiry", store.clone().expire(tasks.stop.clone()));
    tasks.spawn("look", store.clone().look(tasks.stop.clone()));

    let push = sink::push::start(&mut tasks, &config.consumer_url, &token, config.queue_bytes)?;
    let poll = sink::store::start(&mut tasks, store.clone(), config.queue_bytes);
    let (kafka, producer): (Arc<dyn Sink>, _) = match config.kafka.cluster(config.kafka_brokers.as_deref()) {
        Some(cluster) => {
            let kafka = KafkaSink::start(&mut tasks, cluster, config.topics.clone(), config.queue_bytes)?;
            let producer = kafka.producer();
            (Arc::new(kafka), Some(producer))
        }
        None => (Arc::new(NoBroker), None),
    };
    let state = AppState(Arc::new(Parts {
        dispatch: Dispatch::new(Guarantees::start(config.guarantee), |route| match route {
            Route::HttpPush => push.clone(),
            Route::HttpPoll => poll.clone(),
            Route::Kafka => kafka.clone(),
        }),
        store,
        peers: token,
        admin,
        senders,
        producer,
        topics: config.topics,
        default_route: config.default_route,
        seed_route: config.seed_route,
        trust_forwarded: config.trust_forwarded,
        address: listener.local_addr()?,
        stop: tasks.stop.clone(),
        admission: http::admission(),
    }));
    // The workers end once all senders of their queues are dropped: the router's and these.
    drop((push, poll, kafka));
    service::serve(listener, http::routes(state, config.demo_cors), tasks, shutdown, config.common.grace).await
}
