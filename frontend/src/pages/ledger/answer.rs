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

/// The youngest session first, those without a time last, then the routes in order: the order never changes.
fn grouped(views: Vec<SessionView>) -> Vec<SessionView> {
    sorted(views, |view| (Reverse((view.session.began(), view.session)), view.route))
}

#[cfg(test)]
mod tests {
    use domain::ledger::Balance;
    use domain::{Intervals, Route, SessionId};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_youngest_session_is_first_and_its_routes_keep_their_order() {
        let view = |session, route| SessionView {
            session: SessionId(Uuid::from_u128(session)),
            route,
            balance: Balance::default(),
            numbered: 0,
            gaps: Intervals::default(),
            seen: None,
            last_heard: None,
        };
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
