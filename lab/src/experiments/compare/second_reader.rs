//! The second reader of a scenario: it starts during the load, and wants the events that were due before.

use std::sync::OnceLock;
use std::time::Duration;

use domain::{Route, SessionId};
use tokio::time::{Instant, sleep, sleep_until};

use super::drain::LOOK_EVERY;
use crate::experiments::wire::Wire;
use crate::run::stack::{Reader, Stack};

/// How long nothing may change before the reader counts as finished.
const PATIENCE: Duration = Duration::from_secs(3);

/// A reader, and its start.
pub(super) struct SecondReader {
    reader: Reader,
    /// In seconds since the load's start.
    at: f64,
}

impl SecondReader {
    /// Starts it `at` seconds after `began`, if there is one, and enters its process.
    pub(super) async fn start(
        stack: &Stack,
        at: Option<f64>,
        began: Instant,
        process: &OnceLock<u32>,
    ) -> anyhow::Result<Option<Self>> {
        let Some(at) = at else { return Ok(None) };
        sleep_until(began + Duration::from_secs_f64(at)).await;
        let reader = stack.start_reader().await?;
        reader.pid().into_iter().for_each(|pid| _ = process.set(pid));
        Ok(Some(Self { reader, at }))
    }

    /// The start, in microseconds since the load's start.
    pub(super) fn began(&self) -> i64 {
        Duration::from_secs_f64(self.at).as_micros().try_into().unwrap_or(i64::MAX)
    }

    /// Waits until it has all of the first events of these sessions, or until nothing more comes. Returns how many of them it
    /// has not, in percent, and stops it.
    pub(super) async fn end(self, route: Route, earlier: &[(SessionId, u64)]) -> anyhow::Result<f64> {
        let wire = Wire::new(&format!("http://{}", self.reader.address()), None)?;
        let wanted: u64 = earlier.iter().map(|(_, count)| count).sum();
        let (mut last, mut since) = (0, Instant::now());
        loop {
            let mut got = 0;
            for &(session, count) in earlier {
                let view = wire.ledger(session).await?;
                let seen = view.sessions.into_iter().find(|view| view.route == route).and_then(|view| view.seen);
                got += seen.unwrap_or_default().ranges().map(|range| up_to(range, count)).sum::<u64>();
            }
            if got != last {
                (last, since) = (got, Instant::now());
            }
            if got >= wanted || since.elapsed() > PATIENCE {
                self.reader.stop().await;
                return Ok(100.0 * (wanted - got.min(wanted)) as f64 / wanted.max(1) as f64);
            }
            sleep(LOOK_EVERY).await;
        }
    }
}

/// How many numbers of the range are at most `count`.
fn up_to((first, last): (u64, u64), count: u64) -> u64 {
    (last.min(count) + 1).saturating_sub(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_earlier_numbers_count() {
        assert_eq!([(1, 4), (3, 9), (6, 7), (5, 5)].map(|range| up_to(range, 5)), [4, 3, 0, 1]);
    }
}
