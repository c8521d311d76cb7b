//! Builds and runs the consumer; the tests call [`run`] on port 0.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use domain::topics::PARTITIONS;
use runtime::admin::Admin;
use runtime::database::{self, Database};
use runtime::dependency::Dependency;
use runtime::guarantee::Guarantees;
use runtime::kafka::consumer_loop::Follower;
use runtime::kafka::{self, Cluster, DELIVERY_TIMEOUT, DebugLog, Producer, Queries, Topic, make_topics};
use runtime::keys::Senders;
use runtime::listen::CLIENT_IDLE;
use runtime::peers::PeerToken;
use runtime::retention::Measured;
use runtime::service::{self, Tasks};
use runtime::telemetry;
use tokio::net::TcpListener;

use crate::config::{Config, MailVia};
use crate::http::{self, AppState};
use crate::live::{self, Live};
use crate::metrics::METRICS;
use crate::outbox::{self, Carrier};
use crate::peer_health::{self, Peers};
use crate::process::Process;
use crate::retention::Pruner;
use crate::rule_timers;
use crate::source::broker_probe::{self, BrokerHealth};
use crate::source::kafka::EventProcessor;
use crate::source::kafka_lag::{self, Watched};
use crate::source::poll::Poll;
use crate::source::unread_topic;
use crate::store;
use crate::use_cases::UseCases;

/// Runs the consumer on `listener` until `shutdown` resolves.
pub async fn run(config: Config, listener: TcpListener, shutdown: impl Future<Output = ()>) -> anyhow::Result<()> {
    let mut tasks = Tasks::default();
    telemetry::describe(METRICS);
    let token = PeerToken::load(&config.peers)?;
    let admin = Admin::load(&config.common.admin, token.clone())?;
    let senders = Senders::load(&config.keys, admin.clone())?;
    let database = database::open(&config.database_url, &store::MIGRATIONS).await?;
    database.watch(&mut tasks, None);
    let live = Arc::new(Live::new(format!("{}-", uuid::Uuid::new_v4().simple())));
    let use_cases = UseCases::new(&config.mail_from, &config.mail_to);
    let guarantees = Guarantees::start(config.guarantee.clone());
    let process = Arc::new(Process::new(database.clone(), guarantees, use_cases, live.clone()));
    let client = reqwest::Client::builder().default_headers(token.headers()).pool_idle_timeout(CLIENT_IDLE);
    let client = client.timeout(Duration::from_secs(10)).build()?;

    let poll = Poll {
        url: format!("{}/api/events", config.backend_url),
        client: client.clone(),
        process: process.clone(),
        database: database.clone(),
        live: live.clone(),
        acknowledges: !config.second_reader,
        backend: Dependency::new("backend", "The backend"),
    };
    tasks.spawn("http-poll", process.sources.track_future(poll.run(tasks.stop.clone())));
    let mail_topic = config.mail_topic.mail_topic.as_str();
    let is_own = !config.topics.names().contains(&mail_topic);
    anyhow::ensure!(is_own, "--mail-topic {mail_topic} is a topic of events: give mail requests one of their own");
    let cluster = config.kafka.cluster(config.kafka_brokers.as_deref());
    let producer: Option<Producer> = match &cluster {
        Some(cluster) => Some(
            kafka::producer(cluster, DELIVERY_TIMEOUT).create_with_context(DebugLog).context("no Kafka producer")?,
        ),
        None => None,
    };
    let mut broker = None;
    if let (Some(cluster), Some(producer)) = (&cluster, &producer) {
        broker = Some(start_kafka(&mut tasks, &config, cluster, producer, &process, &database, &live)?);
    }
    let carrier = match (config.mail_via, producer) {
        (Some(MailVia::Kafka), None) => anyhow::bail!("--mail-via kafka needs --kafka-brokers"),
        (Some(MailVia::Kafka) | None, Some(producer)) => Carrier::Kafka { producer, topic: mail_topic.to_owned() },
        (Some(MailVia::Http), _) | (None, None) => {
            Carrier::Http { client: client.clone(), url: format!("{}/api/mails", config.mailer_url) }
        }
    };
    // The first reader has sent the same mails.
    if !config.second_reader {
        tasks.spawn("outbox", outbox::deliver(carrier, process.clone(), database.clone(), tasks.stop.clone()));
    }
    tasks.spawn("due", rule_timers::watch(process.clone(), live.clone(), tasks.stop.clone()));
    tasks.spawn("live", live::publish::publish(live.clone(), database.clone(), tasks.stop.clone()));
    let peers = Peers {
        client: reqwest::Client::builder()
            .default_headers(token.headers())
            .pool_idle_timeout(CLIENT_IDLE)
            .timeout(Duration::from_secs(2))
            .build()?,
        backend_url: config.backend_url.clone(),
        mailer_url: config.mailer_url.clone(),
        broker,
        database: database.dependency.clone(),
    };
    tasks.spawn("watch", peer_health::watch(peers, live.clone(), tasks.stop.clone()));

    let measured = Measured::default();
    let pruner = Pruner {
        database: database.clone(),
        live: live.clone(),
        has_broker: cluster.is_some(),
        config: config.retention.clone(),
        measured: measured.clone(),
    };
    tasks.spawn("retention", pruner.run(tasks.stop.clone()));
    let state = AppState::new(process, live, database, measured, senders, tasks.stop.clone());
    service::serve(listener, http::routes(state, token, &admin), tasks, shutdown, config.common.grace).await
}

/// Starts the source, its lag watch and the broker probe; the receiver has the broker's error, if it has one.
fn start_kafka(
    tasks: &mut Tasks,
    config: &Config,
    cluster: &Cluster,
    producer: &Producer,
    process: &Arc<Process>,
    database: &Database,
    live: &Arc<Live>,
) -> anyhow::Result<tokio::sync::watch::Receiver<Option<String>>> {
    // The positions in the database count; the broker's offsets are only for tools that show the lag.
    let settings = kafka::consumer(cluster, &config.kafka_group, config.kafka_instance.as_deref());
    let mut asking = kafka::client(cluster);
    // A question about a topic must not create it.
    asking.set("allow.auto.create.topics", "false");
    let queries: Queries = asking.create_with_context(DebugLog).context("no Kafka client")?;
    let processor = EventProcessor { process: process.clone(), database: database.clone() };
    let topics: Vec<String> = config.topics.names().into_iter().map(str::to_owned).collect();
    let queries = Arc::new(queries);
    let custom = &config.topics.custom_topic;
    if !topics.contains(custom) {
        tasks.spawn("unread topic", unread_topic::watch(queries.clone(), custom.clone(), tasks.stop.clone()));
    }
    let watched = Watched { queries, group: config.kafka_group.clone(), topics: topics.clone() };
    let (needed, own, stop) = (needed_topics(config), cluster.clone(), tasks.stop.clone());
    let producer = producer.clone();
    let follow = async move {
        // The topics come first: a group that subscribes to missing topics gets them only with the next metadata.
        if stop.run_until_cancelled(make_topics(&own, &needed)).await.is_some() {
            Follower::join(settings, topics, producer, processor)?.run(stop).await
        } else {
            Ok(())
        }
    };
    tasks.spawn("kafka", process.sources.track_future(follow));
    let (health, broker) = BrokerHealth::new();
    tasks.need(health.server(), Some("the route kafka"));
    let health = Arc::new(health);
    // With TLS or a login, each connection of the probe would be a failed one in the broker's log.
    if cluster.is_plaintext() {
        let probe = broker_probe::probe(cluster.brokers().to_owned(), health.clone(), tasks.stop.clone());
        tasks.spawn("broker probe", probe);
    }
    tasks.spawn("kafka lag", kafka_lag::watch(watched, database.clone(), live.clone(), health, tasks.stop.clone()));
    Ok(broker)
}

fn needed_topics(config: &Config) -> Vec<Topic> {
    let mut needed = Vec::new();
    if config.mail_via != Some(MailVia::Http) && !config.second_reader {
        needed.push(Topic::new(&config.mail_topic.mail_topic, 1));
    }
    for name in config.topics.names() {
        needed.extend([Topic::new(name, PARTITIONS), Topic::dead_letters(name)]);
    }
    needed
}
