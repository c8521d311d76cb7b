//! The queue: bounded in events and in bytes; each entry lists the routes without a final answer.

use std::collections::VecDeque;
use std::sync::Arc;

use domain::{ByRoute, Route, Timestamp};
use uuid::Uuid;

/// The most that a queue holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How many events.
    pub events: usize,
    /// How many bytes of JSON.
    pub bytes: usize,
}

impl Limit {
    /// The limit of all queues of a page together.
    pub const PAGE: Self = Self { events: 10_000, bytes: 5_000_000 };

    /// A limit in bytes alone.
    pub const fn of_bytes(bytes: usize) -> Self {
        Self { events: usize::MAX, bytes }
    }
}

/// A queued event.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its id.
    pub id: Uuid,
    /// When it happened.
    pub time: Timestamp,
    /// The event in CloudEvents' JSON format.
    pub json: Arc<str>,
    /// The routes without a final answer.
    pub pending: Vec<Route>,
    /// When it was first sent on each route; not kept, since the next tab sends it anew.
    pub sent: ByRoute<Timestamp>,
}

/// The entries by their number: those that leave it are mostly the first ones.
#[derive(Clone, Debug)]
pub struct Queue {
    entries: VecDeque<(u64, Entry)>,
    bytes: usize,
    limit: Limit,
}

impl Queue {
    /// A queue of at most `limit`.
    pub fn new(limit: Limit) -> Self {
        Self { entries: VecDeque::new(), bytes: 0, limit }
    }

    /// Whether an event of so many bytes could ever be in it.
    pub fn could_take(&self, bytes: usize) -> bool {
        (1..=self.limit.bytes).contains(&bytes) && self.limit.events > 0
    }

    /// Whether so many bytes more fit now.
    pub fn has_room(&self, bytes: usize) -> bool {
        self.entries.len() < self.limit.events && self.bytes + bytes <= self.limit.bytes
    }

    /// Adds an event.
    pub fn push(&mut self, number: u64, entry: Entry) {
        self.remove(number);
        self.bytes += entry.json.len();
        let place = self.entries.partition_point(|(other, _)| *other < number);
        self.entries.insert(place, (number, entry));
    }

    /// One entry.
    pub fn get(&self, number: u64) -> Option<&Entry> {
        self.place(number).ok().map(|place| &self.entries[place].1)
    }

    /// One entry, to change it.
    pub fn get_mut(&mut self, number: u64) -> Option<&mut Entry> {
        self.place(number).ok().map(|place| &mut self.entries[place].1)
    }

    /// Removes an entry.
    pub fn remove(&mut self, number: u64) {
        if let Ok(place) = self.place(number)
            && let Some((_, entry)) = self.entries.remove(place)
        {
            self.bytes -= entry.json.len();
        }
    }

    /// The entries, by number.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &Entry)> {
        self.entries.iter().map(|(number, entry)| (*number, entry))
    }

    /// How many events it holds.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// How many bytes it holds.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The numbers that a request to `route` should carry now, ascending, of those up to `open_to`.
    ///
    /// An event that alone has more than `most_bytes` goes alone.
    pub fn pick(&self, route: Route, open_to: u64, most_events: usize, most_bytes: usize) -> Vec<u64> {
        let (mut numbers, mut bytes) = (Vec::new(), 2);
        let open = self.entries.iter().take_while(|(number, _)| *number <= open_to);
        for (number, entry) in open.filter(|(_, entry)| entry.pending.contains(&route)) {
            bytes += entry.json.len() + 1;
            if numbers.len() == most_events || (bytes > most_bytes && !numbers.is_empty()) {
                break;
            }
            numbers.push(*number);
        }
        numbers
    }

    /// The events as a JSON array, from the text that each was written as once.
    pub fn body(&self, numbers: &[u64]) -> String {
        let places = numbers.iter().filter_map(|&number| self.place(number).ok());
        let events = places.map(|place| &*self.entries[place].1.json);
        format!("[{}]", events.collect::<Vec<_>>().join(","))
    }

    fn place(&self, number: u64) -> Result<usize, usize> {
        self.entries.binary_search_by(|(other, _)| other.cmp(&number))
    }
}
