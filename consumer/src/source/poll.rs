//! http-poll: reads the backend's store after the cursor; the cursor moves with the effects.

use std::sync::Arc;
use std::time::Duration;

use domain::api::{Page, Position};
use domain::{Route, Timestamp};
use runtime::backoff::Backoff;
use runtime::clock;
use runtime::database::Database;
use runtime::dependency::Dependency;
use tokio_util::sync::CancellationToken;

use crate::live::Live;
use crate::process::{Batch, Process, ProcessError, ReceivedEvent};
use crate::store::positions::{self, Move};
use crate::store::{StoreError, unsigned};

/// The position's name in the database.
const SOURCE: &str = "http-poll";
/// The most events in one batch.
const LIMIT: &str = "1000";
/// How long the backend may wait for the first event before it answers, in milliseconds.
const WAIT_MS: &str = "1000";

/// The waits before another try after a failure; short, so that a backend is found soon after it is back.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// The poll source.
pub struct Poll {
    /// The URL of the store.
    pub url: String,
    /// The client, with the peers' secret.
    pub client: reqwest::Client,
    /// The step.
    pub process: Arc<Process>,
    /// The database with the cursor.
    pub database: Database,
    /// The hub of the pages, which shows the lag.
    pub live: Arc<Live>,
    /// Whether the store may forget the events before the cursor. It may not for a second reader.
    pub acknowledges: bool,
    /// The backend: whether it answers, one line in the log for each change.
    pub backend: Dependency,
}

#[derive(Debug, thiserror::Error)]
enum PollError {
    #[error("the backend's store cannot be polled")]
    Fetch(#[from] reqwest::Error),
    #[error(transparent)]
    Process(#[from] ProcessError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A page, and when it was asked for and arrived.
struct Fetched {
    asked: Timestamp,
    arrived: Timestamp,
    page: Page,
}

impl Poll {
    /// Polls until the service stops.
    pub async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let mut backoff = Backoff::new(FIRST_WAIT, LONGEST_WAIT);
        while !stop.is_cancelled() {
            let Err(error) = self.follow(&stop, &mut backoff).await else { continue };
            match error {
                // Another consumer of the same database has processed this page; go on at the new cursor.
                PollError::Process(ProcessError::Moved(_)) => continue,
                PollError::Fetch(error) if error.is_connect() || error.is_timeout() => {
                    let address = error.url().map(|url| url.origin().ascii_serialization()).unwrap_or_default();
                    let why = anyhow::Error::new(error.without_url());
                    self.backend.set(Some(format!("{address}: {why:#}")));
                }
                error => tracing::warn!(error = &error as &dyn std::error::Error, "polling failed; trying again"),
            }
            stop.run_until_cancelled(tokio::time::sleep(backoff.next_wait())).await;
        }
        Ok(())
    }

    /// Follows the store from the cursor in the database until an error or the service's stop.
    async fn follow(&self, stop: &CancellationToken, backoff: &mut Backoff) -> Result<(), PollError> {
        let mut cursor = positions::load(&self.database.reader, SOURCE).await?.unwrap_or(0);
        let mut ahead = None;
        loop {
            let fetched = match ahead.take() {
                Some(fetched) => fetched,
                None => match stop.run_until_cancelled(self.fetch(cursor, cursor, WAIT_MS)).await {
                    Some(fetched) => fetched?,
                    None => return Ok(()),
                },
            };
            let Fetched { asked, arrived, page: Page { events, head, .. } } = fetched;
            backoff.reset();
            self.backend.set(None);
            let empty = events.is_empty();
            if let Some(last) = events.last().map(|stored| stored.position) {
                let events = events.into_iter().map(|stored| ReceivedEvent {
                    event: stored.event,
                    arrived,
                    position: Some(Position::Store(stored.position)),
                });
                let moves = vec![Move { source: SOURCE.to_owned(), from: cursor, to: last }];
                let step = self.process.run(Batch { route: Route::HttpPoll, events: events.collect(), moves });
                // Where more events wait, the next page comes while this one is processed. It waits for no event: they may
                // have expired, and the step's end must not wait, too.
                let next = async {
                    if last < head { stop.run_until_cancelled(self.fetch(last, cursor, "0")).await } else { None }
                };
                let (processed, next) = tokio::join!(step, next);
                processed?;
                cursor = last;
                ahead = next.transpose()?;
            } else if head < cursor {
                // The store was replaced by a new one, whose positions begin at 1.
                tracing::warn!(cursor, head, "the store is a new one; the cursor starts at its beginning");
                let moves = vec![Move { source: SOURCE.to_owned(), from: cursor, to: 0 }];
                self.process.run(Batch { route: Route::HttpPoll, events: Vec::new(), moves }).await?;
                cursor = 0;
            }
            // `head` counts expired events as well; after an empty page no event waits.
            let waiting = if empty { 0 } else { unsigned(head - cursor) };
            self.live.route(Route::HttpPoll, asked, waiting, head);
        }
    }

    /// Reads the page after a position, or waits this long for one. Acknowledges the cursor, which is committed: all events up
    /// to it are processed.
    async fn fetch(&self, after: i64, cursor: i64, wait_ms: &str) -> Result<Fetched, reqwest::Error> {
        let (after, cursor) = (after.to_string(), cursor.to_string());
        let mut query = vec![("after", &*after), ("limit", LIMIT), ("wait_ms", wait_ms)];
        if self.acknowledges {
            query.push(("acknowledged", &cursor));
        }
        let asked = clock::now();
        let page = self.client.get(&self.url).query(&query).send().await?.error_for_status()?.json().await?;
        Ok(Fetched { asked, arrived: clock::now(), page })
    }
}
