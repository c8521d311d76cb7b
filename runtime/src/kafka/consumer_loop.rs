//! Follows topics as a member of a group: each batch of records is processed together with its positions.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use rdkafka::consumer::Consumer as _;
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::BorrowedMessage;
use rdkafka::{ClientConfig, Message, Offset, TopicPartitionList};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::group::{self, Member, Rebalance};
use super::positions::{Gap, Move, Partition, Positions, Verdict, Watermarks};
use super::refusals::{self, Refusals};
use super::{BROKEN, Producer, is_broken, next};
use crate::backoff::Backoff;
use crate::dead_letters::DeadLetters;
use crate::repeats::Repeats;

/// The most records in one batch, poison included.
const MOST_RECORDS: usize = 1000;
/// The most bytes of keys and values in one batch, unless one record alone has more.
const MOST_BYTES: usize = 8 << 20;
/// How long the client may take to be placed, and the broker to answer with a log's bounds.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How long a batch may take; after a longer one the next has half as many records. The group waits for a batch with a
/// change of the partitions.
const LONGEST_BATCH: Duration = Duration::from_secs(30);
/// How long a batch may still take when the service stops.
const LONGEST_LAST_BATCH: Duration = Duration::from_secs(2);
/// How long to wait before another try to place a partition.
const RETRY: Duration = Duration::from_secs(1);

/// Processes records, and keeps the positions in the database that holds the effects.
pub trait Processor: Send + Sync {
    /// A record after parsing.
    type Item: Send;
    /// Why a batch had no effect, or the positions could not be read.
    type Error: Error + Send + Sync + 'static;

    /// The stored positions of these partitions.
    fn positions(&self, of: &[Partition])
    -> impl Future<Output = Result<BTreeMap<Partition, i64>, Self::Error>> + Send;

    /// Parses a record; an error is the reason why it is poison.
    fn parse(&self, record: &BorrowedMessage<'_>) -> Result<Self::Item, String>;

    /// Processes a batch and makes its moves, in one transaction. A move whose position is not at `from` must fail the whole
    /// batch.
    fn process(&self, items: Vec<Self::Item>, moves: &[Move]) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// A member of a group that follows topics.
pub struct Follower<P> {
    settings: ClientConfig,
    topics: Vec<String>,
    member: Arc<Member>,
    changes: UnboundedReceiver<Rebalance>,
    dead_letters: DeadLetters,
    processor: P,
    positions: Positions,
    /// Whether the group waits for the assignment.
    assign: bool,
    /// When to try again to place partitions.
    retry_at: Option<Instant>,
    /// The most records in the next batch.
    most_records: usize,
}

/// Why a step failed.
#[derive(Debug, thiserror::Error)]
enum FollowError<E: Error + 'static> {
    #[error("Kafka does not accept this member of the group any more")]
    Read(#[source] KafkaError),
    #[error("the stored positions cannot be read")]
    Positions(#[source] E),
    #[error("the partitions cannot be read from their positions")]
    Place(#[source] KafkaError),
    #[error("a batch from Kafka had no effect: a poison record was not written to its dead-letter topic")]
    DeadLetter(#[source] KafkaError),
    #[error("a batch from Kafka had no effect")]
    Process(#[source] E),
    #[error("a batch from Kafka had no effect: it took too long")]
    Slow,
    #[error("an unexpected record has no explanation: the bounds of its log cannot be read")]
    Explain(#[source] KafkaError),
}

/// The records of one step.
struct Batch<I> {
    items: Vec<I>,
    /// How many records came, ignored ones included.
    records: usize,
    bytes: usize,
    /// The partition and offset of an unexpected record.
    mismatch: Option<(Partition, i64)>,
}

impl<P: Processor> Follower<P> {
    /// Joins a group with the settings of [`super::consumer`], to follow `topics`; poison goes to dead-letter topics by
    /// `producer`.
    pub fn join(settings: ClientConfig, topics: Vec<String>, producer: Producer, processor: P) -> KafkaResult<Self> {
        let (member, changes) = group::join(&settings, &topics)?;
        Ok(Self {
            settings,
            topics,
            member,
            changes,
            dead_letters: DeadLetters::new(producer),
            processor,
            positions: Positions::default(),
            assign: false,
            retry_at: None,
            most_records: MOST_RECORDS,
        })
    }

    /// Follows the topics until the service stops. Ends with an error if Kafka refuses the member again and again.
    pub async fn run(mut self, stop: CancellationToken) -> anyhow::Result<()> {
        let (mut backoff, mut refusals, mut repeats) = (Backoff::default(), Refusals::default(), Repeats::new());
        while !stop.is_cancelled() {
            let Err(error) = self.step(&stop).await else {
                backoff.reset();
                repeats = Repeats::new();
                continue;
            };
            // Each try of the service's own work is a line; a refusal by Kafka is one line while it lasts.
            let is_own = matches!(error, FollowError::Positions(_) | FollowError::Process(_) | FollowError::Slow);
            if is_own || repeats.is_new(&format!("{error}: {:?}", error.source())) {
                tracing::warn!(error = error.source(), "{error}; trying again");
            }
            self.positions.failed();
            self.retry_at = None;
            let refused = match error {
                FollowError::Read(error) => Some(error),
                FollowError::DeadLetter(error) if is_broken(&error) => {
                    return Err(anyhow::Error::new(error).context(BROKEN));
                }
                _ => {
                    stop.run_until_cancelled(tokio::time::sleep(backoff.next_wait())).await;
                    self.pass_records()
                }
            };
            if let Some(error) = refused {
                let name = self.settings.get("group.instance.id");
                let wait = refusals.enter(Instant::now()).ok_or_else(|| refusals::error(error, name))?;
                if stop.run_until_cancelled(tokio::time::sleep(wait)).await.is_some() {
                    self.join_again()?;
                }
            }
        }
        // A member without a name leaves the group at once; the group expects a named one back.
        self.member.unsubscribe();
        Ok(())
    }

    /// Passes the records that are there; returns the error if Kafka has refused the member.
    ///
    /// The group's changes come with the records, so the records are read even while the database fails. They do not count,
    /// since no partition is placed.
    fn pass_records(&self) -> Option<KafkaError> {
        let mut records = std::iter::from_fn(|| next(&self.member).now_or_never()).take(MOST_RECORDS);
        records.find_map(Result::err)
    }

    /// Joins the group as a new client. Kafka refuses a client for good if another one has joined under its name; that is
    /// also so if a client loses its session while its own commit is still on the way.
    fn join_again(&mut self) -> anyhow::Result<()> {
        let (member, changes) = group::join(&self.settings, &self.topics)?;
        let old = std::mem::replace(&mut self.member, member);
        // Closing a client blocks.
        tokio::task::spawn_blocking(move || drop(old));
        self.changes = changes;
        self.change(Rebalance::Revoked);
        Ok(())
    }

    /// One batch, or the next change of the group.
    async fn step(&mut self, stop: &CancellationToken) -> Result<(), FollowError<P::Error>> {
        while let Ok(change) = self.changes.try_recv() {
            self.change(change);
        }
        if self.retry_at.is_none_or(|at| Instant::now() >= at) {
            self.place().await?;
        }
        let member = self.member.clone();
        let retry = async {
            match self.retry_at {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        let first = tokio::select! {
            biased;
            () = stop.cancelled() => return Ok(()),
            () = retry => return Ok(()),
            Some(change) = self.changes.recv() => {
                self.change(change);
                return Ok(());
            }
            first = next(&member) => first.map_err(FollowError::Read)?,
        };
        let mut batch = Batch { items: Vec::new(), records: 0, bytes: 0, mismatch: None };
        let mut poison = Vec::new();
        let mut record = first;
        loop {
            let (topic, number, offset) = (record.topic(), record.partition(), record.offset());
            batch.records += 1;
            match self.positions.record(topic, number, offset) {
                Verdict::Ignore => (),
                Verdict::Mismatch => {
                    batch.mismatch = Some((Partition { topic: topic.to_owned(), number }, offset));
                    break;
                }
                Verdict::Take => {
                    batch.bytes += record.payload_len() + record.key_len();
                    match self.processor.parse(&record) {
                        Ok(item) => batch.items.push(item),
                        Err(reason) => poison.push((record, reason)),
                    }
                }
            }
            if batch.records >= self.most_records || batch.bytes >= MOST_BYTES {
                break;
            }
            match next(&member).now_or_never() {
                Some(more) => record = more.map_err(FollowError::Read)?,
                None => break,
            }
        }
        self.process(batch, poison, stop).await
    }

    fn change(&mut self, change: Rebalance) {
        self.retry_at = None;
        self.dead_letters.forget_all();
        match change {
            Rebalance::Assigned(partitions) => {
                let names: Vec<String> = partitions.iter().map(Partition::to_string).collect();
                tracing::info!(partitions = names.join(" "), "the group assigned partitions to this member");
                self.positions.assigned(partitions);
                self.assign = true;
            }
            Rebalance::Revoked => {
                tracing::info!("the group revoked the partitions of this member");
                self.positions.revoked();
                self.assign = false;
            }
        }
    }

    /// Reads the missing positions, and places the client in the partitions where it is not yet.
    async fn place(&mut self) -> Result<(), FollowError<P::Error>> {
        let unread = self.positions.unread();
        if !unread.is_empty() {
            let stored = self.processor.positions(&unread).await.map_err(FollowError::Positions)?;
            unread.iter().for_each(|partition| self.positions.read(partition, stored.get(partition).copied()));
        }
        let unplaced = self.positions.unplaced();
        if !self.assign && unplaced.is_empty() {
            return Ok(());
        }
        let (member, assign, places) = (self.member.clone(), self.assign, unplaced.clone());
        // It blocks until librdkafka's own threads have done it.
        let placing = move || if assign { assign_all(&member, &places) } else { seek_each(&member, &places) };
        let placed = tokio::task::spawn_blocking(placing).await.unwrap_or(Err(KafkaError::Canceled));
        let placed = placed.map_err(FollowError::Place)?;
        self.assign = false;
        self.retry_at = None;
        for ((partition, offset), placed) in unplaced.iter().zip(placed) {
            match placed {
                Ok(()) => self.positions.placed(partition, *offset),
                Err(error) => {
                    tracing::warn!(%partition, %error, "a partition cannot be read from its position yet; trying again");
                    self.retry_at = Some(Instant::now() + RETRY);
                }
            }
        }
        Ok(())
    }

    /// Processes the batch, then explains the unexpected record.
    async fn process(
        &mut self,
        batch: Batch<P::Item>,
        poison: Vec<(BorrowedMessage<'_>, String)>,
        stop: &CancellationToken,
    ) -> Result<(), FollowError<P::Error>> {
        self.dead_letters.write(&poison).await.map_err(FollowError::DeadLetter)?;
        let moves = self.positions.moves();
        if !moves.is_empty() {
            // A batch that is given up has all its effects or none, and its positions show which.
            tokio::select! {
                processed = self.processor.process(batch.items, moves) => processed.map_err(FollowError::Process)?,
                () = too_long(stop) => {
                    self.most_records = (batch.records / 2).max(1);
                    return Err(FollowError::Slow);
                }
            }
            self.most_records = (self.most_records * 2).min(MOST_RECORDS);
            count_expired(moves);
            self.dead_letters.forget(moves);
            let next: Vec<_> = moves.iter().map(|step| (step.partition.clone(), Some(step.to))).collect();
            self.positions.committed();
            // The broker's offsets are only for tools that show the lag; the client commits the latest once a second.
            if let Err(error) = list(&next).and_then(|next| self.member.store_offsets(&next)) {
                tracing::debug!(%error, "the client did not take the offsets; the database has them");
            }
        }
        match batch.mismatch {
            Some((partition, found)) => self.explain(partition, found).await,
            None => Ok(()),
        }
    }

    async fn explain(&mut self, partition: Partition, found: i64) -> Result<(), FollowError<P::Error>> {
        let (member, place) = (self.member.clone(), partition.clone());
        let bounds = move || member.fetch_watermarks(&place.topic, place.number, TIMEOUT);
        let bounds = tokio::task::spawn_blocking(bounds).await.unwrap_or(Err(KafkaError::Canceled));
        let (low, high) = bounds.map_err(FollowError::Explain)?;
        match self.positions.explain(&partition, found, Watermarks { low, high }) {
            Gap::Unproven => {
                tracing::debug!(%partition, found, "an unexpected record came; its partition is read again")
            }
            Gap::Expired(offsets) => tracing::warn!(%partition, offsets, "the log begins after the position"),
            Gap::Empty(offsets) => tracing::info!(%partition, offsets, "offsets without a record were passed"),
            Gap::Recreated => {
                self.dead_letters.forget_all();
                tracing::warn!(%partition, "the topic was created again; it is read from its beginning");
            }
        }
        Ok(())
    }
}

/// Waits until a batch that begins now has taken too long.
async fn too_long(stop: &CancellationToken) {
    let stopped = async {
        stop.cancelled().await;
        tokio::time::sleep(LONGEST_LAST_BATCH).await;
    };
    tokio::time::timeout(LONGEST_BATCH, stopped).await.ok();
}

/// The results of the places, one by one.
type Placed = Vec<Result<(), KafkaError>>;

fn assign_all(member: &Member, places: &[(Partition, Option<i64>)]) -> Result<Placed, KafkaError> {
    member.assign(&list(places)?)?;
    Ok(vec![Ok(()); places.len()])
}

/// Seeks each by itself: librdkafka's error about several does not say which of them timed out.
fn seek_each(member: &Member, places: &[(Partition, Option<i64>)]) -> Result<Placed, KafkaError> {
    let deadline = Instant::now() + TIMEOUT;
    let seek = |place| {
        let list = list(std::slice::from_ref(place))?;
        let sought = member.seek_partitions(list, deadline.saturating_duration_since(Instant::now()))?;
        sought.elements().iter().try_for_each(|element| element.error())
    };
    Ok(places.iter().map(seek).collect())
}

fn count_expired(moves: &[Move]) {
    for Move { partition, expired, .. } in moves.iter().filter(|step| step.expired > 0) {
        metrics::counter!("ese_kafka_expired_unread_records_total", "topic" => partition.topic.clone())
            .increment(*expired);
        tracing::warn!(%partition, records = expired, "records expired before they were read: they are lost");
    }
}

/// The partitions with their offsets; without an offset, the beginning of the log.
fn list(places: &[(Partition, Option<i64>)]) -> Result<TopicPartitionList, KafkaError> {
    let mut list = TopicPartitionList::with_capacity(places.len());
    for (Partition { topic, number }, offset) in places {
        list.add_partition_offset(topic, *number, offset.map_or(Offset::Beginning, Offset::Offset))?;
    }
    Ok(list)
}
