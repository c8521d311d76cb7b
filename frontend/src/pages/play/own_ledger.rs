//! The ledger of this tab's own session, as the consumer has it.

use domain::Route;
use domain::api::SessionView;
use domain::ledger::Balance;
use leptos::prelude::*;

use super::passage::is_under_way;
use crate::api;
use crate::context::Page;
use crate::poll::poll;
use crate::state::page_state::State;

/// The balances of the session in the order of the routes, once the consumer has answered.
pub fn own_balances() -> RwSignal<Option<[Balance; 3]>> {
    let page = Page::here();
    let (session, balances) = (page.session(), RwSignal::new(None::<[Balance; 3]>));
    let newest = move |state: &State| state.log.newest_of(session).filter(|row| !is_under_way(row));
    let newest_processed = Memo::new(move |_| page.state.with(newest));
    poll(2, move || {
        // Read here, it also causes a request: once the newest event is processed on all its routes.
        newest_processed.with(|_| ());
        async move {
            // Without an answer the last balances stay.
            if let Ok(ledger) = api::session(&session.to_string()).await {
                balances.try_set(Some(by_route(&ledger.sessions)));
            }
        }
    });
    balances
}

/// The balances of a session; 0 on a route that it did not use.
fn by_route(views: &[SessionView]) -> [Balance; 3] {
    let balance = |route| views.iter().find(|view| view.route == route).map(|view| view.balance);
    Route::ALL.map(|route| balance(route).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use domain::{Intervals, SessionId};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_route_that_was_not_used_has_no_events() {
        let balance = Balance { emitted: 3, processed: 3, ..Balance::default() };
        let (session, gaps) = (SessionId(Uuid::nil()), Intervals::default());
        let view =
            SessionView { session, route: Route::HttpPoll, balance, numbered: 3, gaps, seen: None, last_heard: None };
        assert_eq!(by_route(&[view]), [Balance::default(), balance, Balance::default()]);
    }
}
