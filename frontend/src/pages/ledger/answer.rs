//! The consumer's answer about the ledger, put into the signals of the page.

use std::cmp::Reverse;

use domain::api::{LedgerView, SessionView};
use leptos::prelude::*;

use crate::sorted::sorted;

/// Applies the consumer's answer; the last ledger stays while the consumer is down.
pub fn apply(
    ledger: RwSignal<Option<LedgerView>>,
    trouble: RwSignal<Option<String>>,
    answer: Result<LedgerView, String>,
) {
    // The page may be closed.
    if ledger.is_disposed() {
        return;
    }
    match answer {
        Ok(mut view) => {
            view.sessions = grouped(view.sessions);
            trouble.set(None);
            if ledger.with_untracked(|ledger| ledger.as_ref() != Some(&view)) {
                ledger.set(Some(view));
            }
        }
        Err(why) => trouble.set(Some(why)),
    }
}

/// The youngest session first (ids begin with the time), then its routes in order: the order never changes.
fn grouped(views: Vec<SessionView>) -> Vec<SessionView> {
    sorted(views, |view| (Reverse(view.session), view.route))
}

#[cfg(test)]
mod tests {
    use domain::ledger::Balance;
    use domain::{Intervals, Route, SessionId};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn routes_keep_their_order_within_each_session() {
        let view = |session, route| SessionView {
            session: SessionId(Uuid::from_u128(session)),
            route,
            balance: Balance::default(),
            gaps: Intervals::default(),
            seen: None,
            last_heard: None,
        };
        let views = vec![view(1, Route::HttpPoll), view(9, Route::Kafka), view(9, Route::HttpPush)];
        let grouped = grouped(views);
        let keys: Vec<_> = grouped.iter().map(|view| (view.session.0.as_u128(), view.route)).collect();
        assert_eq!(keys, [(9, Route::HttpPush), (9, Route::Kafka), (1, Route::HttpPoll)]);
    }
}
