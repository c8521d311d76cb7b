//! The second reader of a scenario: it starts during the load, and wants the events that were due before.

use std::sync::OnceLock;
use std::time::Duration;

use domain::{Intervals, Route, SessionId};
use tokio::time::{Instant, sleep, sleep_until};

use super::drain::LOOK_EVERY;
use crate::experiments::wire::Wire;
use crate::run::stack::{Reader, Stack};

/// How long nothing may change before the reader counts as finished.
const PATIENCE: Duration = Duration::from_secs(3);

/// A reader, and its start.
pub(super) struct SecondReader {
    reader: Reader,
    /// Since the load's start.
    pub(super) at: Duration,
}

impl SecondReader {
    /// Starts it `at` seconds after `began`, if there is one, and enters its process.
    pub(super) async fn start(
        stack: &Stack,
        at: Option<f64>,
        began: Instant,
        process: &OnceLock<u32>,
    ) -> anyhow::Result<Option<Self>> {
        let Some(at) = at.map(Duration::from_secs_f64) else { return Ok(None) };
        sleep_until(began + at).await;
        let reader = stack.start_reader().await?;
        reader.pid().into_iter().for_each(|pid| _ = process.set(pid));
        Ok(Some(Self { reader, at }))
    }

    /// Waits until it has all of the first events of these sessions, or until nothing more comes. Returns how many of them it
    /// has not, in percent, and stops it.
    pub(super) async fn end(self, route: Route, earlier: &[(SessionId, u64)]) -> anyhow::Result<f64> {
        let wire = Wire::new(&format!("http://{}", self.reader.address()), None)?;
        let wanted: u64 = earlier.iter().map(|(_, count)| count).sum();
        let (mut last, mut since) = (wanted, Instant::now());
        loop {
            let mut missing = 0;
            for &(session, count) in earlier {
                let view = wire.ledger(session).await?;
                let seen = view.sessions.into_iter().find(|view| view.route == route).and_then(|view| view.seen);
                missing += (1..=count).collect::<Intervals>().minus(&seen.unwrap_or_default()).len();
            }
            if missing != last {
                (last, since) = (missing, Instant::now());
            }
            if missing == 0 || since.elapsed() > PATIENCE {
                self.reader.stop().await;
                return Ok(100.0 * missing as f64 / wanted.max(1) as f64);
            }
            sleep(LOOK_EVERY).await;
        }
    }
}
