//! The end of a simulation: waits until the books have all of it, and says what they lack if they do not.

use std::collections::HashMap;
use std::time::Duration;

use domain::api::simulation::Sent;
use domain::ledger::Balance;
use domain::{ByRoute, Route, SessionId};
use futures_util::future::join_all;
use tokio::time::{Instant, sleep};

use crate::experiments::wire::Wire;

/// How often to look.
const LOOK_EVERY: Duration = Duration::from_millis(300);
/// How many sessions are asked for at the same time.
const AT_ONCE: usize = 4;

/// What the books say in the end.
#[derive(Default)]
pub(super) struct Settled {
    /// The sum over the simulation's sessions.
    pub(super) ledger: ByRoute<Balance>,
    /// What should not be; empty if the books are exact and complete.
    pub(super) failures: Vec<String>,
}

/// Looks until the books of all sessions are complete, or until `deadline`; at least once.
pub(super) async fn settle(target: &str, sessions: &[SessionId], sent: &ByRoute<Sent>, deadline: Instant) -> Settled {
    let wire = match Wire::new(target, None) {
        Ok(wire) => wire,
        Err(error) => return Settled { failures: vec![format!("{error:#}")], ..Settled::default() },
    };
    let mut books: HashMap<SessionId, ByRoute<Balance>> = HashMap::new();
    loop {
        let is_open = |session: &SessionId| !books.get(session).is_some_and(is_settled);
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
                    books.insert(session, balances);
                }
                Err(error) => trouble = Some(error),
            }
        }
        let ledger: ByRoute<Balance> = sent.keys().map(|route| (route, sum(&books, route))).collect();
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

/// Whether nothing more is to be expected of a session; one that the books do not know yet may still come.
fn is_settled(balances: &ByRoute<Balance>) -> bool {
    !balances.is_empty() && balances.values().all(|balance| balance.in_flight == 0 && balance.lost == 0)
}

fn sum(books: &HashMap<SessionId, ByRoute<Balance>>, route: Route) -> Balance {
    let balances = books.values().filter_map(|balances| balances.get(route));
    balances.fold(Balance::default(), |sum, one| Balance {
        emitted: sum.emitted + one.emitted,
        processed: sum.processed + one.processed,
        rejected: sum.rejected + one.rejected,
        shed: sum.shed + one.shed,
        in_flight: sum.in_flight + one.in_flight,
        lost: sum.lost + one.lost,
        duplicates: sum.duplicates + one.duplicates,
        reordered: sum.reordered + one.reordered,
        residual: sum.residual + one.residual,
    })
}

fn failures(sent: &ByRoute<Sent>, ledger: &ByRoute<Balance>) -> Vec<String> {
    let mut failures = Vec::new();
    for (route, sent) in sent.iter() {
        let balance = ledger.get(route).copied().unwrap_or_default();
        let mut say = |wrong: bool, what: String| failures.extend(wrong.then(|| format!("{route}: {what}.")));
        say(balance.residual != 0, format!("the residual is {}", balance.residual));
        say(balance.lost != 0, format!("{} accepted events are lost", balance.lost));
        say(sent.waiting != 0, format!("{} events still wait at their clients", sent.waiting));
        say(balance.in_flight > sent.waiting, {
            format!("{} accepted events are not processed yet", balance.in_flight.saturating_sub(sent.waiting))
        });
        say(balance.emitted != sent.emitted, {
            format!("the ledger knows of {} events, the clients of {}", balance.emitted, sent.emitted)
        });
        say(balance.rejected != sent.rejected || balance.shed != sent.shed, {
            "the ledger and the clients do not agree on what was rejected or shed".to_owned()
        });
    }
    failures
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(sent: Sent, balance: Balance) -> Vec<String> {
        failures(&[(Route::Kafka, sent)].into(), &[(Route::Kafka, balance)].into())
    }

    #[test]
    fn what_is_missing_is_named() {
        let sent = || Sent { emitted: 10, accepted: 8, shed: 2, ..Sent::default() };
        let balance = Balance { emitted: 10, processed: 8, shed: 2, ..Balance::default() };
        assert_eq!(said(sent(), balance), Vec::<String>::new());
        assert_eq!(said(sent(), Balance { processed: 7, lost: 1, ..balance }), ["kafka: 1 accepted events are lost."]);
        assert_eq!(
            said(Sent { accepted: 5, waiting: 3, ..sent() }, Balance { processed: 4, in_flight: 4, ..balance }),
            ["kafka: 3 events still wait at their clients.", "kafka: 1 accepted events are not processed yet."]
        );
        assert_eq!(said(sent(), Balance { residual: -1, ..balance }), ["kafka: the residual is -1."]);
        assert_eq!(
            said(sent(), Balance::default()),
            [
                "kafka: the ledger knows of 0 events, the clients of 10.",
                "kafka: the ledger and the clients do not agree on what was rejected or shed."
            ]
        );
    }
}
