//! `ese dlq`: lists records that could not be processed, with origin and reason, and sends them again.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use domain::event::Topic;
use domain::record::{DEAD_LETTER_SUFFIX, MAIL_TOPIC};
use rdkafka::consumer::{CommitMode, Consumer as _};
use rdkafka::message::{BorrowedMessage, Header, Headers, OwnedHeaders};
use rdkafka::producer::FutureRecord;
use rdkafka::{Message, Offset, TopicPartitionList};
use runtime::kafka::{Consumer, DebugLog, Producer, consumer, next, producer};

use crate::terminal;

/// The committed offsets of this group mark the records that were sent again.
const GROUP: &str = "ese-dlq";
/// The time until the broker must answer.
const TIMEOUT: Duration = Duration::from_secs(10);

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
    /// The Kafka broker, as `ese up` prints it
    #[arg(long, env = "ESE_KAFKA_BROKERS", value_name = "HOST:PORT")]
    pub broker: String,
}

/// Lists or sends again.
pub async fn run(args: DlqArgs) -> anyhow::Result<ExitCode> {
    let (place, again) = match args.command {
        Command::List(place) => (place, None),
        Command::Redrive(place) => {
            let producer: Producer = producer(&place.broker, TIMEOUT).create_with_context(DebugLog)?;
            (place, Some(producer))
        }
    };
    let mut count = 0;
    for topic in Topic::ALL.map(Topic::name).into_iter().chain([MAIL_TOPIC]) {
        count += read(&place.broker, topic, again.as_ref()).await?;
    }
    let done = if again.is_some() { "sent again" } else { "waiting" };
    terminal::out(&format!("{count} dead letters {done}."));
    Ok(ExitCode::SUCCESS)
}

/// Reads the dead letters of `topic` from the group's position to their present end.
async fn read(broker: &str, topic: &str, again: Option<&Producer>) -> anyhow::Result<u64> {
    let dead_letters = format!("{topic}{DEAD_LETTER_SUFFIX}");
    let consumer: Consumer = consumer(broker, GROUP, None).create_with_context(DebugLog)?;
    let ask = || {
        let (begin, end) = consumer.fetch_watermarks(&dead_letters, 0, TIMEOUT)?;
        let mut partition = TopicPartitionList::new();
        partition.add_partition(&dead_letters, 0);
        let committed = consumer.committed_offsets(partition, TIMEOUT)?;
        let position = committed.find_partition(&dead_letters, 0).and_then(|partition| partition.offset().to_raw());
        Ok::<_, rdkafka::error::KafkaError>((position.unwrap_or(0).max(begin), end))
    };
    let (position, end) = tokio::task::block_in_place(ask)
        .with_context(|| format!("the dead letters of {topic} cannot be read; is {broker} a running Kafka broker?"))?;
    if position >= end {
        return Ok(0);
    }
    let mut from = TopicPartitionList::new();
    from.add_partition_offset(&dead_letters, 0, Offset::Offset(position))?;
    consumer.assign(&from)?;
    let mut count = 0;
    loop {
        let record = tokio::time::timeout(TIMEOUT, next(&consumer)).await.context("the broker stopped answering")??;
        match again {
            None => terminal::out(&describe(&record)),
            Some(producer) => {
                send_again(producer, &record).await?;
                let mut done = TopicPartitionList::new();
                done.add_partition_offset(&dead_letters, 0, Offset::Offset(record.offset() + 1))?;
                // Committed after each record: a record sent twice is recognised by its id, a skipped one would be lost.
                tokio::task::block_in_place(|| consumer.commit(&done, CommitMode::Sync))?;
            }
        }
        count += 1;
        if record.offset() + 1 >= end {
            return Ok(count);
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
