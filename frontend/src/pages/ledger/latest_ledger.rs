//! The ledger as the consumer last sent it, its age, and the balances of a session.

use std::cmp::Reverse;

use domain::api::{LedgerView, SessionView};
use domain::ledger::Balance;
use domain::{Route, Timestamp};
use leptos::prelude::*;

use crate::context::Page;
use crate::memo::Memo;
use crate::sorted::sorted;

/// The most sessions in the list.
pub const SESSIONS: usize = 100;

/// The latest answer of the consumer; copies share it.
#[derive(Clone, Copy)]
pub struct LatestLedger {
    page: Page,
    /// The last ledger; it stays while the consumer is down.
    pub ledger: RwSignal<Option<LedgerView>>,
    /// The reason why the last request has no answer, if it has none.
    pub trouble: RwSignal<Option<String>>,
    /// When the last ledger came.
    came: RwSignal<Timestamp>,
}

impl LatestLedger {
    /// No answer yet.
    pub fn none() -> Self {
        let (page, came) = (Page::here(), RwSignal::new(Timestamp::default()));
        Self { page, ledger: RwSignal::new(None), trouble: RwSignal::new(None), came }
    }

    /// Applies an answer.
    pub fn apply(self, answer: Result<LedgerView, String>) {
        // The page may be closed.
        if self.ledger.is_disposed() {
            return;
        }
        match answer {
            Ok(mut view) => {
                view.sessions = grouped(view.sessions);
                self.trouble.set(None);
                self.came.set(self.page.now.get_untracked());
                if self.ledger.with_untracked(|ledger| ledger.as_ref() != Some(&view)) {
                    self.ledger.set(Some(view));
                }
            }
            Err(why) => self.trouble.set(Some(why)),
        }
    }

    /// The age of the ledger in seconds, if the last request for it failed.
    pub fn age_if_old(self) -> Memo<Option<u64>> {
        Memo::new(move |_| {
            let is_old = self.trouble.with(Option::is_some) && self.ledger.with(Option::is_some);
            is_old.then(|| self.page.seconds_since(self.came.get()))
        })
    }
}

/// The balances of a session in the order of the routes; 0 on a route that it did not use.
pub fn balances(views: &[SessionView]) -> [Balance; 3] {
    let balance = |route| views.iter().find(|view| view.route == route).map(|view| view.balance);
    Route::ALL.map(|route| balance(route).unwrap_or_default())
}

/// The youngest session first, those without a time last, then the routes in order: the order never changes.
fn grouped(views: Vec<SessionView>) -> Vec<SessionView> {
    sorted(views, |view| (Reverse((view.session.began(), view.session)), view.route))
}

#[cfg(test)]
mod tests {
    use domain::{Intervals, SessionId};
    use uuid::Uuid;

    use super::*;

    fn view(session: u128, route: Route) -> SessionView {
        SessionView {
            session: SessionId(Uuid::from_u128(session)),
            route,
            balance: Balance::default(),
            numbered: 0,
            gaps: Intervals::default(),
            seen: None,
            last_heard: None,
        }
    }

    #[test]
    fn a_route_that_was_not_used_has_no_events() {
        let balance = Balance { emitted: 3, processed: 3, ..Balance::default() };
        let used = SessionView { balance, ..view(1, Route::HttpPoll) };
        assert_eq!(balances(&[used]), [Balance::default(), balance, Balance::default()]);
    }

    #[test]
    fn the_youngest_session_is_first_and_its_routes_keep_their_order() {
        // UUIDv7 of the first and the second millisecond, and an id without a time.
        let (first, second, without) = ((1_u128 << 80) + (7 << 76), (2_u128 << 80) + (7 << 76), u128::MAX);
        let views = [view(without, Route::Kafka), view(first, Route::HttpPoll)].into_iter();
        let grouped = grouped(views.chain([view(second, Route::Kafka), view(second, Route::HttpPush)]).collect());
        let keys: Vec<_> = grouped.iter().map(|view| (view.session.0.as_u128(), view.route)).collect();
        let expected =
            [(second, Route::HttpPush), (second, Route::Kafka), (first, Route::HttpPoll), (without, Route::Kafka)];
        assert_eq!(keys, expected);
    }
}
