//! The positions of a group's member in its partitions: a pure state machine.
//!
//! The database keeps the position of each partition; it moves in the transaction that holds the records' effects. A record
//! counts only if its offset is the next one and the client was placed there. Every other record makes the client be placed
//! again. An offset is passed without its record only for a reason: the log begins later, or the same later record came
//! twice after the client had been placed at that offset.

use std::fmt;

use rdkafka::topic_partition_list::TopicPartitionListElem;

/// A partition of a topic.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Partition {
    /// The topic's name.
    pub topic: String,
    /// The partition's number, from 0.
    pub number: i32,
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.topic, self.number)
    }
}

impl Partition {
    /// The partition of an element in librdkafka's lists.
    pub(super) fn of(element: &TopicPartitionListElem<'_>) -> Self {
        Self { topic: element.topic().to_owned(), number: element.partition() }
    }
}

/// A move of one position, in the transaction that holds the effects of the records between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// The partition of the position.
    pub partition: Partition,
    /// The position before.
    pub from: i64,
    /// The position after.
    pub to: i64,
    /// How many offsets between the two were deleted by the log before they were read.
    pub expired: u64,
}

/// The answer to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The record is the next one and belongs to the batch.
    Take,
    /// The record does not count; it is read again if it is needed.
    Ignore,
    /// Another record must come next: end the batch and call [`Positions::explain`].
    Mismatch,
}

/// The first offset of a log, and the offset after its last.
#[derive(Clone, Copy, Debug)]
pub struct Watermarks {
    /// The first offset that the log still has.
    pub low: i64,
    /// The offset that the next record gets.
    pub high: i64,
}

/// The reason for a record with an unexpected offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// No reason is proved; the client is placed again.
    Unproven,
    /// The log deleted this many offsets before they were read.
    Expired(u64),
    /// This many offsets hold no record: the log was compacted, or a transaction left its marker there.
    Empty(u64),
    /// The log ends before the position: the topic was deleted and created again.
    Recreated,
}

/// The state of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The position must be read from the database.
    Unread,
    /// The client must be placed at the next offset.
    Unplaced,
    /// The client fetches from the next offset.
    Placed,
}

#[derive(Debug)]
struct Tracked {
    partition: Partition,
    /// The position in the database once the current batch is committed.
    stored: i64,
    /// The next offset; none means the first that the log has.
    next: Option<i64>,
    state: State,
    /// Offsets between `stored` and `next` that the log deleted unread.
    expired: u64,
    /// The later offset that came last time, without a proved reason.
    suspect: Option<i64>,
}

/// The positions of all partitions of the member, and the moves of the current batch.
#[derive(Debug, Default)]
pub struct Positions {
    tracked: Vec<Tracked>,
    batch: Vec<Move>,
}

impl Positions {
    /// The group assigned these partitions, and no others.
    pub fn assigned(&mut self, partitions: impl IntoIterator<Item = Partition>) {
        let unread =
            |partition| Tracked { partition, stored: 0, next: None, state: State::Unread, expired: 0, suspect: None };
        self.tracked = partitions.into_iter().map(unread).collect();
    }

    /// The group revoked all partitions. The current batch may still be committed: its moves decide.
    pub fn revoked(&mut self) {
        self.tracked.clear();
    }

    /// Decides about a record.
    pub fn record(&mut self, topic: &str, number: i32, offset: i64) -> Verdict {
        let Some(tracked) = find(&mut self.tracked, topic, number).filter(|tracked| tracked.state == State::Placed)
        else {
            return Verdict::Ignore;
        };
        if tracked.next.is_some_and(|next| next != offset) {
            return Verdict::Mismatch;
        }
        let (from, to, expired) = (tracked.stored, offset + 1, std::mem::take(&mut tracked.expired));
        (tracked.stored, tracked.next, tracked.suspect) = (to, Some(to), None);
        match self.batch.iter_mut().find(|step| step.partition == tracked.partition) {
            Some(step) => (step.to, step.expired) = (to, step.expired + expired),
            None => self.batch.push(Move { partition: tracked.partition.clone(), from, to, expired }),
        }
        Verdict::Take
    }

    /// The moves of the current batch.
    pub fn moves(&self) -> &[Move] {
        &self.batch
    }

    /// The batch is committed.
    pub fn committed(&mut self) {
        self.batch.clear();
    }

    /// The batch had no effect: its records must be read again, and so must every position.
    pub fn failed(&mut self) {
        self.batch.clear();
        self.tracked.iter_mut().for_each(|tracked| tracked.state = State::Unread);
    }

    /// The partitions whose position must be read; none while there is a batch, since it moves them.
    pub fn unread(&self) -> Vec<Partition> {
        let all = self.tracked.iter().filter(|tracked| self.batch.is_empty() && tracked.state == State::Unread);
        all.map(|tracked| tracked.partition.clone()).collect()
    }

    /// Takes in the position from the database, if there is one.
    pub fn read(&mut self, partition: &Partition, position: Option<i64>) {
        let tracked = find(&mut self.tracked, &partition.topic, partition.number);
        if let Some(tracked) = tracked.filter(|tracked| tracked.state == State::Unread) {
            if tracked.next != position {
                tracked.suspect = None;
            }
            (tracked.stored, tracked.next) = (position.unwrap_or(0), position);
            (tracked.state, tracked.expired) = (State::Unplaced, 0);
        }
    }

    /// The places where the client must be placed; no offset means the beginning of the log.
    pub fn unplaced(&self) -> Vec<(Partition, Option<i64>)> {
        let all = self.tracked.iter().filter(|tracked| tracked.state == State::Unplaced);
        all.map(|tracked| (tracked.partition.clone(), tracked.next)).collect()
    }

    /// The client is placed: the next record comes from this offset.
    pub fn placed(&mut self, partition: &Partition, offset: Option<i64>) {
        let tracked = find(&mut self.tracked, &partition.topic, partition.number);
        // An answer about another offset is outdated.
        let tracked = tracked.filter(|tracked| tracked.state == State::Unplaced && tracked.next == offset);
        tracked.into_iter().for_each(|tracked| tracked.state = State::Placed);
    }

    /// Explains a mismatch from the log's bounds, which were read after the record at `found`. The client must be placed
    /// again in any case, because that record was not taken.
    pub fn explain(&mut self, partition: &Partition, found: i64, log: Watermarks) -> Gap {
        let tracked = find(&mut self.tracked, &partition.topic, partition.number);
        let Some(tracked) = tracked.filter(|tracked| tracked.state == State::Placed) else { return Gap::Unproven };
        let Some(next) = tracked.next else { return Gap::Unproven };
        tracked.state = State::Unplaced;
        if found < next {
            if log.high >= next {
                return Gap::Unproven;
            }
            tracked.next = Some(log.low);
            return Gap::Recreated;
        }
        let begin = log.low.clamp(next, found);
        if begin > next {
            let expired = begin.abs_diff(next);
            tracked.expired += expired;
            tracked.next = Some(begin);
            return Gap::Expired(expired);
        }
        if tracked.suspect == Some(found) {
            tracked.next = Some(found);
            return Gap::Empty(found.abs_diff(next));
        }
        tracked.suspect = Some(found);
        Gap::Unproven
    }
}

fn find<'a>(tracked: &'a mut [Tracked], topic: &str, number: i32) -> Option<&'a mut Tracked> {
    tracked.iter_mut().find(|tracked| tracked.partition.number == number && tracked.partition.topic == topic)
}

#[cfg(test)]
mod tests;
