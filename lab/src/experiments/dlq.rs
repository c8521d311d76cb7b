//! `ese dlq`: lists records that could not be processed, with origin and reason, and sends them again.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context;
use domain::topics::DEAD_LETTER_SUFFIX;
use futures_util::FutureExt as _;
use rdkafka::consumer::{CommitMode, Consumer as _};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::{BorrowedMessage, Header, Headers, OwnedHeaders};
use rdkafka::producer::FutureRecord;
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::{Message, Offset, TopicPartitionList};
use runtime::config::EXIT_USAGE;
use runtime::kafka::{
    Cluster, Consumer, DebugLog, EventTopics, KafkaConfig, MailTopic, Producer, access, consumer, next, producer,
};

use crate::terminal;

/// The committed offsets of this group mark the records that were sent again.
const GROUP: &str = "ese-dlq";
/// The time until the broker must answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long to wait before brokers without a leader are asked again.
const ELECTION: Duration = Duration::from_millis(200);
/// How long to wait for the reason of a failure.
const REASON: Duration = Duration::from_millis(500);

/// The flags of `ese dlq`.
#[derive(Clone, Debug, clap::Args)]
pub struct DlqArgs {
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands for dead letters.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Command {
    /// Print the records that were not sent again yet: where each was, why it is here, how it begins
    List(Place),
    /// Send the records again to their topics; a record that still cannot be processed comes back
    Redrive(Place),
}

/// The place of the dead letters.
#[derive(Clone, Debug, clap::Args)]
pub struct Place {
    /// The Kafka broker, as `ese up` prints it; by default bootstrap.servers of Kafka's settings
    #[arg(long, env = "ESE_KAFKA_BROKERS", value_name = "HOST:PORT,…")]
    pub broker: Option<String>,
    /// Kafka's settings.
    #[command(flatten)]
    pub kafka: KafkaConfig,
    /// The names of the topics of events.
    #[command(flatten)]
    pub events: EventTopics,
    /// The name of the topic of mail requests.
    #[command(flatten)]
    pub mails: MailTopic,
}

/// Lists or sends again.
pub async fn run(args: DlqArgs) -> anyhow::Result<ExitCode> {
    let (place, sends_again) = match args.command {
        Command::List(place) => (place, false),
        Command::Redrive(place) => (place, true),
    };
    let Some(cluster) = place.kafka.cluster(place.broker.as_deref()) else {
        terminal::err("ese dlq: give --broker HOST:PORT, or bootstrap.servers among Kafka's settings");
        return Ok(ExitCode::from(EXIT_USAGE));
    };
    let again: Option<Producer> =
        if sends_again { Some(producer(&cluster, TIMEOUT).create_with_context(DebugLog)?) } else { None };
    let mut count = 0;
    for topic in place.events.names().into_iter().chain([place.mails.mail_topic.as_str()]) {
        count += read(&cluster, topic, again.as_ref()).await?;
    }
    let done = if again.is_some() { "sent again" } else { "waiting" };
    terminal::out(&format!("{count} dead letters {done}."));
    Ok(ExitCode::SUCCESS)
}

/// Reads the dead letters of `topic` from the group's positions to their present ends.
async fn read(cluster: &Cluster, topic: &str, again: Option<&Producer>) -> anyhow::Result<u64> {
    let dead_letters = format!("{topic}{DEAD_LETTER_SUFFIX}");
    let consumer: Consumer = consumer(cluster, GROUP, None).create_with_context(DebugLog)?;
    let mut waiting = match tokio::task::block_in_place(|| waiting_for_brokers(&consumer, &dead_letters)) {
        Ok(waiting) => waiting,
        Err(error) => {
            access::note_error(&error, &dead_letters);
            return Err(anyhow::Error::new(error).context(trouble(&consumer, cluster, topic).await));
        }
    };
    let mut from = TopicPartitionList::new();
    for (&partition, &(position, _)) in &waiting {
        from.add_partition_offset(&dead_letters, partition, Offset::Offset(position))?;
    }
    consumer.assign(&from)?;
    let mut count = 0;
    while !waiting.is_empty() {
        let record = tokio::time::timeout(TIMEOUT, next(&consumer)).await.context("the broker stopped answering")??;
        let (partition, after) = (record.partition(), record.offset() + 1);
        // A dead letter that came meanwhile waits for the next time.
        let Some(&(_, end)) = waiting.get(&partition).filter(|(_, end)| after <= *end) else { continue };
        match again {
            None => terminal::out(&describe(&record)),
            Some(producer) => {
                send_again(producer, &record).await?;
                let mut done = TopicPartitionList::new();
                done.add_partition_offset(&dead_letters, partition, Offset::Offset(after))?;
                // Committed after each record: a record sent twice is recognised by its id, a skipped one would be lost.
                tokio::task::block_in_place(|| consumer.commit(&done, CommitMode::Sync))?;
            }
        }
        count += 1;
        if after >= end {
            waiting.remove(&partition);
        }
    }
    Ok(count)
}

/// As [`waiting`]. While the brokers choose the leader of a partition or the coordinator of the group, for [`TIMEOUT`] at
/// most, they are asked again.
fn waiting_for_brokers(consumer: &Consumer, topic: &str) -> KafkaResult<BTreeMap<i32, (i64, i64)>> {
    use RDKafkaErrorCode as Code;
    let may_be_chosen = |code| {
        let leader = matches!(code, Code::LeaderNotAvailable | Code::NotLeaderForPartition);
        leader || matches!(code, Code::CoordinatorLoadInProgress | Code::CoordinatorNotAvailable | Code::NotCoordinator)
    };
    let began = Instant::now();
    loop {
        match waiting(consumer, topic) {
            Err(error) if error.rdkafka_error_code().is_some_and(may_be_chosen) && began.elapsed() < TIMEOUT => {
                std::thread::sleep(ELECTION);
            }
            found => return found,
        }
    }
}

/// The partitions with dead letters that were not sent again: the first offset of each, and the offset after its last.
fn waiting(consumer: &Consumer, topic: &str) -> KafkaResult<BTreeMap<i32, (i64, i64)>> {
    // A token is given while the client is read.
    drop(consumer.recv().now_or_never());
    let metadata = consumer.fetch_metadata(Some(topic), TIMEOUT)?;
    let mut waiting = BTreeMap::new();
    for found in metadata.topics() {
        match found.error().map(RDKafkaErrorCode::from) {
            None => (),
            // Where the topic does not exist there are no dead letters.
            Some(RDKafkaErrorCode::UnknownTopicOrPartition) => continue,
            Some(code) => return Err(KafkaError::MetadataFetch(code)),
        }
        for partition in found.partitions().iter().map(|partition| partition.id()) {
            let (begin, end) = consumer.fetch_watermarks(topic, partition, TIMEOUT)?;
            let mut asked = TopicPartitionList::new();
            asked.add_partition(topic, partition);
            let committed = consumer.committed_offsets(asked, TIMEOUT)?;
            let position = committed.find_partition(topic, partition).and_then(|found| found.offset().to_raw());
            let position = position.unwrap_or(0).max(begin);
            if position < end {
                waiting.insert(partition, (position, end));
            }
        }
    }
    Ok(waiting)
}

/// A sentence about dead letters that could not be read.
async fn trouble(consumer: &Consumer, cluster: &Cluster, topic: &str) -> String {
    // The client notes the reason of a refusal while it is read.
    drop(tokio::time::timeout(REASON, next(consumer)).await);
    match access::present() {
        Some(reason) => format!("the dead letters of {topic} cannot be read: Kafka refuses this program: {reason}"),
        None => {
            let brokers = cluster.brokers();
            format!("the dead letters of {topic} cannot be read; is {brokers} a running Kafka broker?")
        }
    }
}

fn describe(record: &BorrowedMessage<'_>) -> String {
    let header = |name| {
        let headers = record.headers()?;
        let value = headers.iter().find(|header| header.key == name)?.value?;
        Some(String::from_utf8_lossy(value).into_owned())
    };
    let field = |name| header(name).unwrap_or_else(|| "?".to_owned());
    let value = String::from_utf8_lossy(record.payload().unwrap_or_default());
    // Escaped, because a record must not control the terminal.
    let beginning: String = value.chars().take(80).flat_map(char::escape_default).collect();
    let (topic, partition, offset) = (field("dlq-topic"), field("dlq-partition"), field("dlq-offset"));
    format!("{topic}/{partition}/{offset}  {}\n    {beginning}", field("dlq-reason"))
}

/// Sends a record back to its topic, without the dead letter headers.
async fn send_again(producer: &Producer, dead: &BorrowedMessage<'_>) -> anyhow::Result<()> {
    let (mut headers, mut topic) = (OwnedHeaders::new(), None);
    for header in dead.headers().into_iter().flat_map(Headers::iter) {
        match header.key {
            "dlq-topic" => topic = header.value.and_then(|value| std::str::from_utf8(value).ok()),
            note if note.starts_with("dlq-") => (),
            key => headers = headers.insert(Header { key, value: header.value }),
        }
    }
    let topic = topic.context("a dead letter has no `dlq-topic` header")?;
    let mut record = FutureRecord::to(topic).payload(dead.payload().unwrap_or_default()).headers(headers);
    if let Some(key) = dead.key().filter(|key| !key.is_empty()) {
        record = record.key(key);
    }
    producer.send(record, TIMEOUT).await.map(drop).map_err(|(error, _)| error.into())
}
