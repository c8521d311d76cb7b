//! `ese dlq`: records that could not be processed: where they came from, why, and sending them again.

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

/// Committed for this group is what has been sent again.
const GROUP: &str = "ese-dlq";
/// How long the broker may take to answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The flags of `ese dlq`.
#[derive(Clone, Debug, clap::Args)]
pub struct DlqArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What can be done with dead letters.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Command {
    /// Print what has not been sent again yet: where it was, why it is here, how it begins
    List(Place),
    /// Send it again to where it was; what cannot be processed then either comes back
    Redrive(Place),
}

/// Where the dead letters are.
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
    let mut letters = 0;
    for topic in Topic::ALL.map(Topic::name).into_iter().chain([MAIL_TOPIC]) {
        letters += read(&place.broker, topic, again.as_ref()).await?;
    }
    let done = if again.is_some() { "sent again" } else { "waiting" };
    terminal::out(&format!("{letters} dead letters {done}."));
    Ok(ExitCode::SUCCESS)
}

/// Reads the dead letters of `topic` from where the group is to their end as it is now.
async fn read(broker: &str, topic: &str, again: Option<&Producer>) -> anyhow::Result<u64> {
    let letters = format!("{topic}{DEAD_LETTER_SUFFIX}");
    let consumer: Consumer = consumer(broker, GROUP, None).create_with_context(DebugLog)?;
    let ask = || {
        let (begin, end) = consumer.fetch_watermarks(&letters, 0, TIMEOUT)?;
        let mut partition = TopicPartitionList::new();
        partition.add_partition(&letters, 0);
        let committed = consumer.committed_offsets(partition, TIMEOUT)?;
        let position = committed.find_partition(&letters, 0).and_then(|partition| partition.offset().to_raw());
        Ok::<_, rdkafka::error::KafkaError>((position.unwrap_or(0).max(begin), end))
    };
    let (position, end) = tokio::task::block_in_place(ask)
        .with_context(|| format!("the dead letters of {topic} cannot be read; is {broker} a running Kafka broker?"))?;
    if position >= end {
        return Ok(0);
    }
    let mut from = TopicPartitionList::new();
    from.add_partition_offset(&letters, 0, Offset::Offset(position))?;
    consumer.assign(&from)?;
    let mut count = 0;
    loop {
        let letter = tokio::time::timeout(TIMEOUT, next(&consumer)).await.context("the broker stopped answering")??;
        match again {
            None => terminal::out(&describe(&letter)),
            Some(producer) => {
                send_again(producer, &letter).await?;
                let mut done = TopicPartitionList::new();
                done.add_partition_offset(&letters, 0, Offset::Offset(letter.offset() + 1))?;
                // At once, letter by letter: one that is sent twice is known by its id, one that is forgotten is not.
                tokio::task::block_in_place(|| consumer.commit(&done, CommitMode::Sync))?;
            }
        }
        count += 1;
        if letter.offset() + 1 >= end {
            return Ok(count);
        }
    }
}

fn describe(letter: &BorrowedMessage<'_>) -> String {
    let header = |name| {
        let headers = letter.headers()?;
        let value = headers.iter().find(|header| header.key == name)?.value?;
        Some(String::from_utf8_lossy(value).into_owned())
    };
    let field = |name| header(name).unwrap_or_else(|| "?".to_owned());
    let value = String::from_utf8_lossy(letter.payload().unwrap_or_default());
    // Escaped: what somebody sent must not steer the terminal.
    let beginning: String = value.chars().take(80).flat_map(char::escape_default).collect();
    let (topic, partition, offset) = (field("dlq-topic"), field("dlq-partition"), field("dlq-offset"));
    format!("{topic}/{partition}/{offset}  {}\n    {beginning}", field("dlq-reason"))
}

/// Back to where it was, without the notes of its burial.
async fn send_again(producer: &Producer, letter: &BorrowedMessage<'_>) -> anyhow::Result<()> {
    let (mut headers, mut topic) = (OwnedHeaders::new(), None);
    for header in letter.headers().into_iter().flat_map(Headers::iter) {
        match header.key {
            "dlq-topic" => topic = header.value.and_then(|value| std::str::from_utf8(value).ok()),
            note if note.starts_with("dlq-") => (),
            key => headers = headers.insert(Header { key, value: header.value }),
        }
    }
    let topic = topic.context("a dead letter does not say where it came from")?;
    let mut record = FutureRecord::to(topic).payload(letter.payload().unwrap_or_default()).headers(headers);
    if let Some(key) = letter.key().filter(|key| !key.is_empty()) {
        record = record.key(key);
    }
    producer.send(record, TIMEOUT).await.map(drop).map_err(|(error, _)| error.into())
}
