//! The end of a simulation: waits until the ledger is complete, and names the differences if it is not.

use std::collections::HashMap;
use std::time::Duration;

use domain::api::simulation::Sent;
use domain::ledger::Balance;
use domain::{ByRoute, Route, SessionId};
use futures_util::future::join_all;
use tokio::time::{Instant, sleep};

use super::setting::Setting;
use crate::experiments::wire::Wire;

/// The time between two requests.
const LOOK_EVERY: Duration = Duration::from_millis(300);
/// The number of requests at the same time.
const AT_ONCE: usize = 4;

/// The ledger at the end.
#[derive(Default)]
pub(super) struct Settled {
    /// The sum over the simulation's sessions.
    pub(super) ledger: ByRoute<Balance>,
    /// The differences; empty if the ledger is exact and complete.
    pub(super) failures: Vec<String>,
}

/// Reads the ledger until all sessions are complete, or until `deadline`; at least once.
pub(super) async fn settle(
    setting: &Setting,
    sessions: &[SessionId],
    sent: &ByRoute<Sent>,
    deadline: Instant,
) -> Settled {
    let wire = match Wire::with(&setting.target, None, setting.headers.clone()) {
        Ok(wire) => wire,
        Err(error) => return Settled { failures: vec![format!("{error:#}")], ..Settled::default() },
    };
    let mut ledgers: HashMap<SessionId, ByRoute<Balance>> = HashMap::new();
    loop {
        let is_open = |session: &SessionId| !ledgers.get(session).is_some_and(is_settled);
        let open: Vec<SessionId> = sessions.iter().copied().filter(is_open).collect();
        let mut looks = Vec::with_capacity(open.len());
        for some in open.chunks(AT_ONCE) {
            let answers = join_all(some.iter().map(|&session| wire.ledger(session))).await;
            looks.extend(some.iter().copied().zip(answers));
        }
        let mut trouble = None;
        for (session, answer) in looks {
            match answer {
                Ok(view) => {
                    let balances = view.sessions.iter().map(|view| (view.route, view.balance)).collect();
                    ledgers.insert(session, balances);
                }
                Err(error) => trouble = Some(error),
            }
        }
        let ledger: ByRoute<Balance> = sent.keys().map(|route| (route, sum(&ledgers, route))).collect();
        let mut failures = failures(sent, &ledger);
        if let Some(error) = trouble {
            failures.push(format!("The ledger cannot be read: {error}."));
        }
        if failures.is_empty() || Instant::now() + LOOK_EVERY > deadline {
            return Settled { ledger, failures };
        }
        sleep(LOOK_EVERY).await;
    }
}

/// Whether a session is complete; a session that the ledger does not have yet may still come.
fn is_settled(balances: &ByRoute<Balance>) -> bool {
    !balances.is_empty() && balances.values().all(|balance| balance.in_flight == 0 && balance.lost == 0)
}

fn sum(ledgers: &HashMap<SessionId, ByRoute<Balance>>, route: Route) -> Balance {
    ledgers.values().filter_map(|balances| balances.get(route).copied()).sum()
}

fn failures(sent: &ByRoute<Sent>, ledger: &ByRoute<Balance>) -> Vec<String> {
    let mut failures = Vec::new();
    for (route, sent) in sent.iter() {
        let balance = ledger.get(route).copied().unwrap_or_default();
        let mut check = |wrong: bool, what: String| failures.extend(wrong.then(|| format!("{route}: {what}.")));
        check(balance.residual != 0, format!("the residual is {}", balance.residual));
        check(balance.lost != 0, format!("{} accepted events are lost", balance.lost));
        check(sent.waiting != 0, format!("{} events still wait at their clients", sent.waiting));
        check(balance.in_flight > sent.waiting, {
            format!("{} accepted events are not processed yet", balance.in_flight.saturating_sub(sent.waiting))
        });
        check(balance.emitted != sent.emitted, {
            format!("the ledger has {} events, the clients have {}", balance.emitted, sent.emitted)
        });
        check(balance.rejected != sent.rejected || balance.shed != sent.shed, {
            "the ledger and the clients do not agree on what was rejected or shed".to_owned()
        });
    }
    failures
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failures_of(sent: Sent, balance: Balance) -> Vec<String> {
        failures(&[(Route::Kafka, sent)].into(), &[(Route::Kafka, balance)].into())
    }

    #[test]
    fn every_difference_is_named() {
        let sent = || Sent { emitted: 10, accepted: 8, shed: 2, ..Sent::default() };
        let balance = Balance { emitted: 10, processed: 8, shed: 2, ..Balance::default() };
        assert_eq!(failures_of(sent(), balance), Vec::<String>::new());
        assert_eq!(
            failures_of(sent(), Balance { processed: 7, lost: 1, ..balance }),
            ["kafka: 1 accepted events are lost."]
        );
        assert_eq!(
            failures_of(Sent { accepted: 5, waiting: 3, ..sent() }, Balance { processed: 4, in_flight: 4, ..balance }),
            ["kafka: 3 events still wait at their clients.", "kafka: 1 accepted events are not processed yet."]
        );
        assert_eq!(failures_of(sent(), Balance { residual: -1, ..balance }), ["kafka: the residual is -1."]);
        assert_eq!(
            failures_of(sent(), Balance::default()),
            [
                "kafka: the ledger has 0 events, the clients have 10.",
                "kafka: the ledger and the clients do not agree on what was rejected or shed."
            ]
        );
    }
}
