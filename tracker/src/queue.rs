//! The queue: bounded in bytes; each entry lists the routes without a final answer.

use std::collections::VecDeque;
use std::sync::Arc;

use domain::api::MAX_BODY_BYTES;
use domain::{ByRoute, Event, Route, Timestamp};
use serde::{Deserialize, Serialize};

use crate::json;

/// The default limit of a queue, in bytes of JSON.
pub const DEFAULT_LIMIT: usize = 1024 * 1024;

/// A queued event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The event.
    pub event: Arc<Event>,
    /// The routes without a final answer.
    pub pending: Vec<Route>,
    /// When it was first sent on each route; not saved, since the next tab sends it anew.
    #[serde(skip)]
    pub sent: ByRoute<Timestamp>,
}

/// The entries by their number: those that leave it are mostly the first ones.
#[derive(Clone, Debug)]
pub struct Queue {
    entries: VecDeque<(u64, Entry, String)>,
    bytes: usize,
    limit: usize,
}

/// The queue is full; the event is not in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

impl Queue {
    /// A queue of at most `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self { entries: VecDeque::new(), bytes: 0, limit }
    }

    /// Adds an event if it fits.
    pub fn push(&mut self, number: u64, entry: Entry) -> Result<(), Full> {
        let json = json::write(&*entry.event).map_err(|_| Full)?;
        if self.bytes + json.len() > self.limit {
            return Err(Full);
        }
        self.bytes += json.len();
        match self.place(number) {
            Ok(place) => self.entries[place] = (number, entry, json),
            Err(place) => self.entries.insert(place, (number, entry, json)),
        }
        Ok(())
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
            && let Some((_, _, json)) = self.entries.remove(place)
        {
            self.bytes -= json.len();
        }
    }

    /// The entries, by number.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &Entry)> {
        self.entries.iter().map(|(number, entry, _)| (*number, entry))
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
    pub fn pick(&self, route: Route, open_to: u64, most_events: usize) -> Vec<u64> {
        let (mut numbers, mut bytes) = (Vec::new(), 2);
        let open = self.entries.iter().take_while(|(number, ..)| *number <= open_to);
        for (number, _, json) in open.filter(|(_, entry, _)| entry.pending.contains(&route)) {
            bytes += json.len() + 1;
            if numbers.len() == most_events || (bytes > MAX_BODY_BYTES && !numbers.is_empty()) {
                break;
            }
            numbers.push(*number);
        }
        numbers
    }

    /// The events as a JSON array, from the text that each was written as once.
    pub fn body(&self, numbers: &[u64]) -> String {
        let places = numbers.iter().filter_map(|&number| self.place(number).ok());
        let events = places.map(|place| self.entries[place].2.as_str());
        format!("[{}]", events.collect::<Vec<_>>().join(","))
    }

    fn place(&self, number: u64) -> Result<usize, usize> {
        self.entries.binary_search_by(|(other, ..)| other.cmp(&number))
    }
}
