//! A line for every processed event, for measurements.
//!
//! The first lines of a process wait for its first listener, so that one that follows a restart misses none of the events that
//! waited for it. Past [`MOST_UNREAD`] bytes they are only counted, as for every listener that does not read. No text is made
//! while nobody listens.

use std::fmt::Write;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::{Event, Route, Timestamp};
use tokio::sync::Notify;

/// The most listeners at once.
const MOST_LISTENERS: usize = 8;
/// The most bytes that wait for a listener: about 30,000 lines.
const MOST_UNREAD: usize = 2 << 20;

/// The lines of a batch.
#[derive(Debug)]
pub struct Lines {
    /// None if nobody would get it.
    text: Option<String>,
    events: u64,
}

impl Lines {
    /// Adds `SESSION SEQUENCE ROUTE MICROSECONDS`. An event that no session numbered has `-` for both.
    pub fn add(&mut self, event: &Event, route: Route, processed: Timestamp) {
        self.events += 1;
        let Some(text) = &mut self.text else { return };
        let at = processed.micros();
        // Writing to a String cannot fail.
        let _ = match (event.source.session(), event.sequence) {
            (Some(session), Some(sequence)) => writeln!(text, "{session} {sequence} {route} {at}"),
            _ => writeln!(text, "- - {route} {at}"),
        };
    }
}

/// All listeners.
#[derive(Debug, Default)]
pub struct LineHub(Mutex<Readers>);

#[derive(Debug)]
struct Readers {
    listeners: Vec<Arc<Unread>>,
    /// The lines since the start, until there is a listener.
    first: Option<Waiting>,
}

impl Default for Readers {
    fn default() -> Self {
        Self { listeners: Vec::new(), first: Some(Waiting::default()) }
    }
}

/// The lines that wait for one listener.
#[derive(Debug, Default)]
struct Unread {
    waiting: Mutex<Waiting>,
    new: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    text: String,
    /// How many events are missing after the text.
    missed: u64,
}

impl Waiting {
    fn add(&mut self, lines: &Lines) {
        match &lines.text {
            Some(text) if self.missed == 0 && self.text.len() + text.len() <= MOST_UNREAD => self.text.push_str(text),
            _ => self.missed += lines.events,
        }
    }
}

/// Locks it. No code panics while it holds a lock of this file.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl LineHub {
    /// An empty batch.
    pub fn begin(&self) -> Lines {
        let readers = lock(&self.0);
        let first_waits = readers.first.as_ref().is_some_and(|first| first.missed == 0);
        Lines { text: (first_waits || !readers.listeners.is_empty()).then(String::new), events: 0 }
    }

    /// Sends the lines of a batch to all listeners. A listener that has too much unread misses all of them.
    pub fn send(&self, lines: &Lines) {
        let readers = &mut *lock(&self.0);
        if let Some(first) = &mut readers.first {
            first.add(lines);
        }
        for listener in &readers.listeners {
            lock(&listener.waiting).add(lines);
            listener.new.notify_one();
        }
    }

    /// Listens from now on, the first listener from the start of the process on; none if there are too many listeners.
    pub fn listen(self: &Arc<Self>) -> Option<Listener> {
        let mut readers = lock(&self.0);
        if readers.listeners.len() >= MOST_LISTENERS {
            return None;
        }
        let waiting = Mutex::new(readers.first.take().unwrap_or_default());
        let unread = Arc::new(Unread { waiting, new: Notify::new() });
        readers.listeners.push(unread.clone());
        Some(Listener { unread, hub: self.clone() })
    }
}

/// A listener; dropping it ends it.
#[derive(Debug)]
pub struct Listener {
    unread: Arc<Unread>,
    hub: Arc<LineHub>,
}

impl Listener {
    /// Waits for lines. Where lines are missing there is the line `lagged EVENTS`.
    pub async fn next(&self) -> String {
        loop {
            let text = self.rest();
            if !text.is_empty() {
                return text;
            }
            self.unread.new.notified().await;
        }
    }

    /// The lines that are there already.
    pub fn rest(&self) -> String {
        let Waiting { mut text, missed } = mem::take(&mut *lock(&self.unread.waiting));
        if missed > 0 {
            text += &format!("lagged {missed}\n");
        }
        text
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        lock(&self.hub.0).listeners.retain(|unread| !Arc::ptr_eq(unread, &self.unread));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `events` lines of 1 KiB each.
    fn lines(events: u64) -> Lines {
        Lines { text: Some(format!("{}\n", "x".repeat(1023)).repeat(events as usize)), events }
    }

    #[test]
    fn a_listener_that_lags_gets_the_number_of_missing_events_and_then_goes_on() {
        let hub = Arc::<LineHub>::default();
        let (slow, quick) = (hub.listen().unwrap(), hub.listen().unwrap());
        assert!(hub.begin().text.is_some());
        let mut read = 0;
        for events in [2000, 40, 8, 100, 1] {
            hub.send(&lines(events));
            read += quick.rest().lines().count();
        }
        assert_eq!(read, 2149, "the other listener misses nothing");
        let text = slow.rest();
        assert_eq!(text.lines().count(), 2049);
        assert!(text.ends_with("x\nlagged 101\n"), "nothing comes after the gap before it is shown");
        hub.send(&lines(2));
        assert_eq!(slow.rest().lines().count(), 2);
        drop((slow, quick));
        assert!(hub.begin().text.is_none(), "nobody listens any more");
    }

    #[test]
    fn the_first_lines_wait_for_the_first_listener_alone() {
        let hub = Arc::<LineHub>::default();
        hub.send(&lines(3));
        let (first, second) = (hub.listen().unwrap(), hub.listen().unwrap());
        hub.send(&lines(2));
        assert_eq!((first.rest().lines().count(), second.rest().lines().count()), (5, 2));
    }

    #[test]
    fn too_many_first_lines_are_counted_and_then_none_are_made() {
        let hub = Arc::<LineHub>::default();
        hub.send(&lines(2048));
        assert!(hub.begin().text.is_some());
        hub.send(&lines(1));
        let mut unmade = hub.begin();
        assert!(unmade.text.is_none(), "nobody listens");
        unmade.events = 2;
        hub.send(&unmade);
        let listener = hub.listen().unwrap();
        // This batch began before there was a listener.
        hub.send(&unmade);
        let text = listener.rest();
        assert!(text.lines().count() == 2049 && text.ends_with("x\nlagged 5\n"));
        hub.send(&lines(1));
        assert_eq!(listener.rest().lines().count(), 1);
    }

    #[test]
    fn listeners_are_bounded() {
        let hub = Arc::<LineHub>::default();
        let listeners: Vec<_> = (0..MOST_LISTENERS).map(|_| hub.listen().unwrap()).collect();
        assert!(hub.listen().is_none());
        drop(listeners);
        assert!(hub.listen().is_some());
    }
}
