//! The end of a run: waits until every event is accounted for, or until nothing more comes.

use std::time::{Duration, Instant};

use domain::ledger::Balance;
use domain::{Intervals, Route, SessionId, Timestamp};
use runtime::clock;
use tokio::time::sleep;

use super::recorder::Recorder;
use crate::experiments::wire::Wire;

/// How long nothing may change before the route counts as empty although events are missing.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// How long nothing may change before a result counts that could still grow.
pub(super) const STABLE: Duration = Duration::from_millis(300);
/// The time between two looks.
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How long the ledger may be unreadable.
const UNREADABLE: Duration = Duration::from_secs(30);
/// How long the end of a run may take. Events that still wait then count as lost; the ledger has them in flight.
const DEADLINE: Duration = Duration::from_secs(300);

/// The ledger at the end.
pub(super) struct Drained {
    /// The sum over all sessions of the load.
    pub(super) balance: Balance,
    /// The numbers that were processed, of each session.
    pub(super) seen: Vec<(SessionId, Intervals)>,
    /// When the last change of the ledger was seen.
    pub(super) changed: Timestamp,
}

/// Waits until all events are processed, lost or refused for good, or until nothing changes any more.
///
/// `due` are the events of these sessions, `before` those that the ledger has of other sessions.
pub(super) async fn drain(
    wire: &Wire,
    recorder: &Recorder,
    sessions: &[SessionId],
    route: Route,
    [due, before]: [u64; 2],
) -> anyhow::Result<Drained> {
    let accounted = |balance: &Balance| balance.processed + balance.rejected + balance.shed;
    let began = Instant::now();
    let (mut shown, mut last, mut since, mut changed) = (0, Balance::default(), began, clock::now());
    let mut unreadable: Option<Instant> = None;
    loop {
        let now = recorder.processed();
        if now != shown && now < due && began.elapsed() < DEADLINE {
            // A read of the ledger takes the consumer's time, so it waits while the streams show progress.
            (shown, since) = (now, Instant::now());
        } else {
            match wire.ledger_sum(route).await {
                Ok(sum) => {
                    if sum != last {
                        (last, since, changed) = (sum, Instant::now(), clock::now());
                    }
                    unreadable = None;
                    let patience = if sum.emitted >= due + before && sum.in_flight == 0 { STABLE } else { PATIENCE };
                    let over = || since.elapsed() >= patience || began.elapsed() >= DEADLINE;
                    if accounted(&sum) >= due + before || over() {
                        let drained = read(wire, sessions, route, changed).await?;
                        // The sum may have late events of other sessions.
                        if accounted(&drained.balance) >= due || over() {
                            return Ok(drained);
                        }
                    }
                }
                // A consumer that has just been started again may not answer yet.
                Err(error) => {
                    since = Instant::now();
                    let first = *unreadable.get_or_insert(since);
                    anyhow::ensure!(first.elapsed() < UNREADABLE, "the ledger cannot be read: {error}");
                }
            }
        }
        sleep(LOOK_EVERY).await;
    }
}

async fn read(wire: &Wire, sessions: &[SessionId], route: Route, changed: Timestamp) -> anyhow::Result<Drained> {
    let (mut balances, mut seen) = (Vec::new(), Vec::new());
    for &session in sessions {
        let view = wire.ledger(session).await?;
        for view in view.sessions.into_iter().filter(|view| view.route == route) {
            balances.push(view.balance);
            seen.push((session, view.seen.unwrap_or_default()));
        }
    }
    Ok(Drained { balance: balances.into_iter().sum(), seen, changed })
}

/// Waits until the streams have shown so many events, or no more come: a killed consumer showed fewer.
pub(super) async fn until_shown(recorder: &Recorder, processed: u64) {
    let (mut last, mut since) = (0, Instant::now());
    while last < processed && since.elapsed() < STABLE {
        sleep(Duration::from_millis(10)).await;
        let now = recorder.processed();
        if now != last {
            (last, since) = (now, Instant::now());
        }
    }
}
