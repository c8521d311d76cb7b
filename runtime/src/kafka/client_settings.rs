//! The settings of our Kafka clients: acks, linger, commit interval, session timeout and the rest.

use std::time::Duration;

use rdkafka::ClientConfig;

use super::cluster::Cluster;

/// How long a record may wait for its delivery report before its sender must send it again.
pub const DELIVERY_TIMEOUT: Duration = Duration::from_secs(5);

/// Settings for a client of a cluster.
pub fn client(cluster: impl Into<Cluster>) -> ClientConfig {
    let cluster: Cluster = cluster.into();
    named(&cluster, &program())
}

/// Settings for a client with this id, if the user gives none.
fn named(cluster: &Cluster, id: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    for (key, value) in cluster.settings() {
        config.set(key, value);
    }
    config.set("bootstrap.servers", cluster.brokers());
    usual(
        &mut config,
        &[
            ("client.id", id),
            // A broker that comes back is found within a second; librdkafka's default is ten.
            ("reconnect.backoff.ms", "50"),
            ("reconnect.backoff.max.ms", "1000"),
            ("topic.metadata.refresh.fast.interval.ms", "100"),
        ],
    );
    config
}

/// Adds settings to those of a client; what the user has set stays.
pub fn usual(config: &mut ClientConfig, settings: &[(&str, &str)]) {
    for &(key, value) in settings {
        if config.get(key).is_none() {
            config.set(key, value);
        }
    }
}

/// The running program's name, for the brokers' logs and metrics.
fn program() -> String {
    let program = std::env::current_exe().ok();
    let name = program.as_deref().and_then(|path| path.file_stem()?.to_str());
    name.unwrap_or("ese").to_owned()
}

/// How long a record waits for others of its partition, in milliseconds; librdkafka's default is 5.
///
/// At low load nothing waits. Under load, records gather by themselves while [`REQUESTS_AT_ONCE`] are under way.
const LINGER_MS: &str = "0";

/// How many requests to a broker may be under way; librdkafka allows an idempotent producer five.
///
/// With five, requests of few records follow one another, and the broker's work for each request counts most. Single events of
/// 64 clients needed a fifth less of the backend's CPU time with two (measured one after the other, each on a broker that had
/// worked for some seconds). With one, each record would wait for the
/// request before it, which is long where the broker is far away.
const REQUESTS_AT_ONCE: &str = "2";

/// Settings of a producer that loses nothing: idempotent, a record is delivered once every in-sync replica has it.
///
/// A record that is not delivered within `timeout` fails. librdkafka's defaults are right for the rest: a request has at
/// most 10,000 records and 1,000,000 bytes of a partition, and Nagle's algorithm is off.
pub fn producer(cluster: impl Into<Cluster>, timeout: Duration) -> ClientConfig {
    let mut config = client(cluster);
    config
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("message.timeout.ms", timeout.as_millis().to_string());
    usual(&mut config, &[("linger.ms", LINGER_MS), ("max.in.flight.requests.per.connection", REQUESTS_AT_ONCE)]);
    config
}

/// Settings of a producer that waits for no answer of the broker, and so never sends a record again.
pub fn unacknowledged_producer(cluster: impl Into<Cluster>, timeout: Duration) -> ClientConfig {
    let mut config = client(cluster);
    config
        .set("acks", "0")
        .set("message.send.max.retries", "0")
        .set("message.timeout.ms", timeout.as_millis().to_string());
    usual(&mut config, &[("linger.ms", LINGER_MS)]);
    config
}

/// Settings of a member of `group` that decides itself where to start and which offsets are committed.
///
/// An `instance` that comes back under its name has its partitions again at once (KIP-345, static membership). Without
/// one, the group notices a killed member only after the session timeout. Its client id ends at random, so that the members
/// of a group can be told apart.
pub fn consumer(cluster: impl Into<Cluster>, group: &str, instance: Option<&str>) -> ClientConfig {
    let id = instance.map_or_else(|| format!("{}-{:08x}", program(), rand::random::<u32>()), str::to_owned);
    let cluster: Cluster = cluster.into();
    let mut config = named(&cluster, &id);
    if let Some(instance) = instance {
        config.set("group.instance.id", instance);
    }
    config
        .set("group.id", group)
        // Offsets that the program has stored are committed once a second: a commit after each batch is a write of the broker.
        .set("enable.auto.offset.store", "false")
        .set("auto.offset.reset", "earliest");
    // An answer of the broker may go beyond the bounds of the queue by this much, compressed (default: 50 MB). It is the
    // least that librdkafka takes, and as much as the largest batch of a producer. Where the user's records may be larger,
    // librdkafka finds a bound that fits: the queue's, or one record.
    if config.get("message.max.bytes").is_none() {
        usual(&mut config, &[("fetch.max.bytes", "1000000")]);
    }
    usual(
        &mut config,
        &[
            ("auto.commit.interval.ms", "1000"),
            ("session.timeout.ms", "6000"),
            ("heartbeat.interval.ms", "1000"),
            // The broker answers a fetch as soon as it has one byte. Without records it waits at most this long (default:
            // 500), and a partition that is placed anew waits for that answer.
            ("fetch.wait.max.ms", "100"),
            // The bounds of the queue in memory. librdkafka counts the values alone, and a small record takes about five
            // times its value: its defaults, 100,000 records and 64 MB, may take 100 MB and more; these take about 20 MB.
            ("queued.min.messages", "20000"),
            ("queued.max.messages.kbytes", "4096"),
            // A full queue is looked at again before it is empty; the default of a second would leave it empty.
            ("fetch.queue.backoff.ms", "10"),
            // A member that subscribes just as a topic is created may get no partitions; librdkafka's default is to ask
            // again after five minutes.
            ("topic.metadata.refresh.interval.ms", "1000"),
            ("allow.auto.create.topics", "false"),
        ],
    );
    config
}

#[cfg(test)]
mod tests {
    use super::super::{DebugLog, KafkaConfig, Queries, UnacknowledgedProducer};
    use super::*;

    #[test]
    fn each_member_of_a_group_has_a_client_id_of_its_own() {
        let id = |instance| consumer("127.0.0.1:9", "group", instance).get("client.id").map(str::to_owned);
        assert_eq!(id(Some("consumer-1")).as_deref(), Some("consumer-1"));
        assert!(id(None).is_some_and(|id| id.starts_with("runtime")));
        assert_ne!(id(None), id(None));
    }

    #[test]
    fn tls_each_login_and_each_compression_are_built_in() {
        for mechanism in ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"] {
            for codec in ["gzip", "snappy", "lz4", "zstd"] {
                let mut settings = producer("127.0.0.1:9", Duration::from_secs(5));
                settings.set("security.protocol", "sasl_ssl").set("sasl.mechanisms", mechanism);
                settings.set("sasl.username", "me").set("sasl.password", "secret").set("compression.type", codec);
                let _: UnacknowledgedProducer = settings.create_with_context(DebugLog).unwrap();
            }
        }
    }

    #[derive(clap::Parser)]
    struct Program {
        #[command(flatten)]
        kafka: KafkaConfig,
    }

    #[test]
    fn the_users_settings_replace_the_usual_ones_and_never_the_necessary_ones() {
        let usual = ["linger.ms=7", "client.id=mine", "session.timeout.ms=45000", "message.max.bytes=2000000"];
        let flags = [&usual[..], &["acks=all"]].concat();
        let args = flags.iter().flat_map(|flag| ["--kafka-config", *flag]);
        let program = <Program as clap::Parser>::parse_from(std::iter::once("program").chain(args));
        let cluster = program.kafka.cluster(Some("127.0.0.1:9")).unwrap();
        let timeout = Duration::from_secs(5);
        let (safe, unsafe_one) = (producer(&cluster, timeout), unacknowledged_producer(&cluster, timeout));
        for (config, acks) in [(&safe, "all"), (&unsafe_one, "0")] {
            let get = |key| config.get(key);
            assert_eq!((get("acks"), get("linger.ms"), get("client.id")), (Some(acks), Some("7"), Some("mine")));
            assert_eq!(get("bootstrap.servers"), Some("127.0.0.1:9"));
        }
        let member = consumer(&cluster, "group", Some("instance"));
        assert_eq!((member.get("client.id"), member.get("session.timeout.ms")), (Some("mine"), Some("45000")));
        assert_eq!((member.get("group.instance.id"), member.get("fetch.max.bytes")), (Some("instance"), None));
        // librdkafka finds no contradiction among them.
        let _: Queries = member.create_with_context(DebugLog).unwrap();
        let _: UnacknowledgedProducer = unsafe_one.create_with_context(DebugLog).unwrap();
    }
}
