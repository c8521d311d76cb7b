//! A bare producer and consumer: the records of the same events through the same broker, without any service.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use domain::Event;
use domain::kafka_record;
use domain::topics::PARTITIONS;
use rdkafka::Message;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::OwnedHeaders;
use rdkafka::producer::{BaseRecord, DefaultProducerContext, ThreadedProducer};
use rdkafka::{Offset, TopicPartitionList};
use runtime::kafka::{self, Topic, ensure_topics};

use super::open_loop::{due, pace};
use super::template::single;
use crate::experiments::durations::Durations;

/// The time until the first record, in which both clients become ready.
const LEAD: Duration = Duration::from_millis(500);
/// How long no record may come.
const PATIENCE: Duration = Duration::from_secs(10);

/// The times from when a record was due until the consumer had it.
pub(super) async fn run(broker: &str, rate: u64, [warm_up, seconds]: [f64; 2]) -> anyhow::Result<Durations> {
    let run: u64 = rand::random();
    let topic = format!("bench-{run:016x}");
    ensure_topics(broker, &[Topic::new(topic.as_str(), PARTITIONS)]).await?;
    let (broker, count) = (broker.to_owned(), (rate as f64 * (warm_up + seconds)) as u64);
    let times = tokio::task::spawn_blocking(move || measure(&broker, &topic, run, rate, count)).await??;
    let from = (rate as f64 * warm_up) as u64;
    Durations::new(times.into_iter().filter(|(index, _)| *index >= from).map(|(_, micros)| micros))
}

/// The index of each record and its time, in microseconds.
fn measure(broker: &str, topic: &str, run: u64, rate: u64, count: u64) -> anyhow::Result<Vec<(u64, u64)>> {
    // As the backend's producer.
    let mut settings = kafka::producer(broker, PATIENCE);
    settings.set("compression.type", "lz4");
    let producer: ThreadedProducer<DefaultProducerContext> = settings.create().context("no Kafka producer")?;
    let consumer: BaseConsumer = kafka::consumer(broker, topic, None).create().context("no Kafka consumer")?;
    let mut partitions = TopicPartitionList::new();
    for partition in 0..PARTITIONS {
        partitions.add_partition_offset(topic, partition, Offset::Beginning)?;
    }
    consumer.assign(&partitions)?;
    let (value, headers) = record_of(run)?;
    let start = Instant::now() + LEAD;
    thread::scope(|scope| {
        let reading = scope.spawn(move || read(&consumer, start, rate, count));
        pace(start, rate, count, |index, _| {
            let key = index.to_string();
            producer.send(BaseRecord::to(topic).key(&key).payload(&value).headers(headers.clone())).is_ok()
        });
        reading.join().unwrap_or_else(|_| Err(anyhow::anyhow!("the bare consumer panicked")))
    })
}

fn record_of(run: u64) -> anyhow::Result<(Vec<u8>, OwnedHeaders)> {
    let event: Vec<Event> = serde_json::from_str(&single(run))?;
    let event = event.into_iter().next().context("there is no event")?;
    let event = Event { partitionkey: "10.0.0.1".to_owned(), receivedtime: Some(runtime::clock::now()), ..event };
    Ok((kafka_record::value(&event).into_owned(), kafka::headers(&event)))
}

fn read(consumer: &BaseConsumer, start: Instant, rate: u64, count: u64) -> anyhow::Result<Vec<(u64, u64)>> {
    let (mut times, mut since) = (Vec::new(), Instant::now());
    while (times.len() as u64) < count {
        ensure!(since.elapsed() < PATIENCE, "the bare consumer has only {} of {count} records", times.len());
        let Some(Ok(record)) = consumer.poll(Duration::from_millis(100)) else { continue };
        let now = Instant::now();
        let index = record.key().and_then(|key| str::from_utf8(key).ok()?.parse::<u64>().ok());
        let index = index.context("a record has another key")?;
        times.push((index, now.saturating_duration_since(start + due(rate, index)).as_micros() as u64));
        since = now;
    }
    Ok(times)
}
