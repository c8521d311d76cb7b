//! The ledger of this tab's own session, as the consumer has it.

use domain::api::LedgerView;
use domain::ledger::Balance;
use leptos::prelude::*;

use super::copy_progress::is_under_way;
use crate::api;
use crate::context::Page;
use crate::memo::Memo;
use crate::pages::ledger::latest_ledger::LatestLedger;
use crate::poll::poll;
use crate::state::page_state::State;

/// The consumer's latest ledger of the session, from now on.
pub fn own_ledger() -> LatestLedger {
    let (page, latest) = (Page::here(), LatestLedger::none());
    let session = page.session();
    // Both cause a request: a new event, and the newest one once all its copies have come to their end.
    let copies = Memo::new(move |_| page.state.with(|state| state.copies));
    let newest = move |state: &State| state.log.newest_of(session).filter(|row| !is_under_way(row));
    let newest_over = Memo::new(move |_| page.state.with(newest));
    poll(2, move || {
        newest_over.with(|_| ());
        let copies = copies.get();
        async move {
            let settled = |ledger: &Option<LedgerView>| ledger.as_ref().is_some_and(|view| is_settled(view, copies));
            if latest.ledger.try_with_untracked(settled) == Some(false) {
                latest.apply(api::session(&session.to_string()).await);
            }
        }
    });
    latest
}

/// Whether the session's ledger has all copies that this page emitted, and each has come to its end: it stays as it is.
fn is_settled(view: &LedgerView, copies: u64) -> bool {
    let sum: Balance = view.sessions.iter().map(|session| session.balance).sum();
    sum.emitted == copies && view.sessions.iter().all(|session| session.balance.is_exact())
}

#[cfg(test)]
mod tests {
    use domain::api::SessionView;
    use domain::{Intervals, Route, SessionId};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_ledger_is_settled_once_all_copies_have_come_to_their_end() {
        let view = |balances: &[Balance]| {
            let session = |(route, &balance): (Route, &Balance)| {
                let (session, gaps) = (SessionId(Uuid::nil()), Intervals::default());
                SessionView { session, route, balance, numbered: 3, gaps, seen: None, last_heard: None }
            };
            let sessions = Route::ALL.into_iter().zip(balances).map(session).collect();
            LedgerView { sessions, ..LedgerView::default() }
        };
        let exact = Balance { emitted: 3, processed: 2, shed: 1, ..Balance::default() };
        assert!(is_settled(&view(&[]), 0), "no events");
        assert!(is_settled(&view(&[exact; 3]), 9));
        assert!(!is_settled(&view(&[exact; 3]), 10), "an event is not in the ledger yet");
        let in_flight = Balance { processed: 1, in_flight: 1, ..exact };
        assert!(!is_settled(&view(&[exact, in_flight, exact]), 9));
        let [more, less] = [1, -1].map(|residual| Balance { residual, ..exact });
        assert!(!is_settled(&view(&[more, less]), 6), "two errors do not make up for each other");
    }
}
