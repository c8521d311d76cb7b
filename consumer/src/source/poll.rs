//! http-poll: asks the backend's store for what comes after the cursor; the cursor moves with the effects.

use std::sync::Arc;
use std::time::Duration;

use domain::Route;
use domain::api::{Page, Position};
use runtime::backoff::Backoff;
use runtime::clock;
use runtime::database::Database;
use tokio_util::sync::CancellationToken;

use crate::live::Live;
use crate::process::{Arrival, Intake, Process, ProcessError};
use crate::store::positions::{self, Move};
use crate::store::{StoreError, unsigned};

/// The position's name in the books.
const SOURCE: &str = "http-poll";
/// The most events in one batch.
const LIMIT: &str = "1000";
/// How long the backend may hold an answer back while there is nothing, in milliseconds.
const WAIT_MS: &str = "1000";

/// How long to wait before asking a backend again that did not answer: it should be found soon after it is back.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// The poll source.
pub struct Poll {
    /// Where to ask.
    pub url: String,
    /// How to ask.
    pub client: reqwest::Client,
    /// Where events go.
    pub process: Arc<Process>,
    /// Where the cursor is kept.
    pub database: Database,
    /// Who is told how much waits.
    pub live: Arc<Live>,
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

impl Poll {
    /// Polls until the service stops.
    pub async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let mut backoff = Backoff::new(FIRST_WAIT, LONGEST_WAIT);
        while !stop.is_cancelled() {
            let Err(error) = self.follow(&stop, &mut backoff).await else { continue };
            if let PollError::Process(ProcessError::Moved(_)) = error {
                // Another consumer of the same books was quicker with this page; go on where it is now.
                continue;
            }
            tracing::warn!(error = &error as &dyn std::error::Error, "polling failed; trying again");
            stop.run_until_cancelled(tokio::time::sleep(backoff.next_wait())).await;
        }
        Ok(())
    }

    /// Follows the store from the cursor in the books until something fails or the service stops.
    async fn follow(&self, stop: &CancellationToken, backoff: &mut Backoff) -> Result<(), PollError> {
        let mut cursor = positions::load(&self.database.reader, SOURCE).await?.unwrap_or(0);
        loop {
            let asked = clock::now();
            let Some(page) = stop.run_until_cancelled(self.fetch(cursor)).await else { return Ok(()) };
            let Page { events, head, .. } = page?;
            backoff.reset();
            let (arrived, empty) = (clock::now(), events.is_empty());
            if let Some(last) = events.last().map(|stored| stored.position) {
                let arrivals = events.into_iter().map(|stored| Arrival {
                    event: stored.event,
                    arrived,
                    position: Some(Position::Store(stored.position)),
                });
                let moves = vec![Move { source: SOURCE.to_owned(), from: cursor, to: last }];
                self.process.take(Intake { route: Route::HttpPoll, arrivals: arrivals.collect(), moves }).await?;
                cursor = last;
            } else if head < cursor {
                // The store was replaced by a new one; its positions begin anew.
                tracing::warn!(cursor, head, "the store begins anew, and so does the cursor");
                let moves = vec![Move { source: SOURCE.to_owned(), from: cursor, to: 0 }];
                self.process.take(Intake { route: Route::HttpPoll, arrivals: Vec::new(), moves }).await?;
                cursor = 0;
            }
            // `head` counts what has expired as well; an empty page says that nothing readable is left.
            let waiting = if empty { 0 } else { unsigned(head - cursor) };
            self.live.route(Route::HttpPoll, asked, waiting, head);
        }
    }

    /// Asks for the page after the cursor, which the books have committed: all events up to it are processed.
    async fn fetch(&self, cursor: i64) -> Result<Page, reqwest::Error> {
        let cursor = cursor.to_string();
        let query = [("after", &*cursor), ("acknowledged", &*cursor), ("limit", LIMIT), ("wait_ms", WAIT_MS)];
        self.client.get(&self.url).query(&query).send().await?.error_for_status()?.json().await
    }
}
