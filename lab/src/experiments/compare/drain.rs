//! The end of a run: waits until the route is empty, or until nothing more comes.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::Context;
use domain::api::Snapshot;
use domain::ledger::Balance;
use domain::{Route, SessionId};
use futures_util::future::try_join_all;

use super::recorder::Recorder;
use crate::experiments::wire::Wire;

/// How long nothing may change before the route counts as empty although events are missing.
pub(super) const PATIENCE: Duration = Duration::from_secs(8);
/// How long nothing may change before a complete result counts.
pub(super) const STABLE: Duration = Duration::from_millis(300);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// The ledger at the end.
pub(super) struct Drained {
    /// The sum over all sessions.
    pub(super) balance: Balance,
    /// The sessions of which every event is processed.
    pub(super) complete: Vec<SessionId>,
}

/// Waits until every event of the sessions is processed or lost, or until nothing changes any more.
pub(super) async fn drain(target: &str, sessions: &[SessionId], route: Route, retry: bool) -> anyhow::Result<Drained> {
    let wire = Wire::new(target, None)?;
    let (mut last, mut since) = (Balance::default(), Instant::now());
    loop {
        let look = async |&session: &SessionId| {
            let view = wire.ledger(session).await?;
            let of_route = view.sessions.iter().find(|view| view.route == route);
            anyhow::Ok((session, of_route.map(|view| view.balance).unwrap_or_default()))
        };
        // A consumer that has just been started again may not answer yet.
        let looked = try_join_all(sessions.iter().map(look)).await;
        let all = match looked {
            Ok(all) => all,
            Err(error) if since.elapsed() > 4 * PATIENCE => return Err(error.context("the ledger cannot be read")),
            Err(_) => {
                tokio::time::sleep(LOOK_EVERY).await;
                continue;
            }
        };
        let sum = all.iter().fold(Balance::default(), |sum, (_, one)| Balance {
            emitted: sum.emitted + one.emitted,
            processed: sum.processed + one.processed,
            rejected: sum.rejected + one.rejected,
            shed: sum.shed + one.shed,
            in_flight: sum.in_flight + one.in_flight,
            lost: sum.lost + one.lost,
            duplicates: sum.duplicates + one.duplicates,
            reordered: sum.reordered + one.reordered,
            residual: sum.residual + one.residual,
        });
        if sum != last {
            (last, since) = (sum, Instant::now());
        }
        // A sender that never tries again leaves events in flight for ever.
        let done = sum.in_flight == 0 && retry;
        if since.elapsed() > if done { STABLE } else { PATIENCE } {
            let is_complete = |balance: &Balance| balance.processed == balance.emitted;
            let complete = all.iter().filter(|(_, balance)| is_complete(balance)).map(|(session, _)| *session);
            return Ok(Drained { balance: sum, complete: complete.collect() });
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Waits until the streams have shown so many events, or no more come: a killed consumer showed fewer.
pub(super) async fn until_shown(recorder: &Recorder, processed: u64) {
    let (mut last, mut since) = (0, Instant::now());
    while last < processed && since.elapsed() < STABLE {
        tokio::time::sleep(Duration::from_millis(10)).await;
        let now = recorder.processed();
        if now != last {
            (last, since) = (now, Instant::now());
        }
    }
}

/// The number of the broker that leads the first partition.
pub(super) async fn leader(http: &reqwest::Client, consumer: SocketAddr) -> anyhow::Result<i32> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let mut stream = http.get(format!("http://{consumer}/api/live")).send().await?;
        let mut text = String::new();
        while !text.contains("\n\n") {
            text += &String::from_utf8_lossy(&stream.chunk().await?.context("the live stream ended")?);
        }
        let data = text.lines().find_map(|line| line.strip_prefix("data:")).unwrap_or_default();
        let snapshot: Snapshot = serde_json::from_str(data)?;
        match snapshot.partitions.first().and_then(|partition| partition.leader) {
            Some(leader) => return Ok(leader),
            None => anyhow::ensure!(Instant::now() < deadline, "no broker leads the first partition"),
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
