//! A session as one line: how many events, over which routes, and whether its ledger is exact.

use domain::api::SessionView;
use domain::{Route, SessionId};

use crate::components::ledger_terms::terms;
use crate::format::signed;

/// The terms of the ledger that say what became of events that were not processed.
const NOTED: [&str; 5] = ["in flight", "lost", "residual", "rejected", "shed"];

/// A session over all its routes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionLine {
    /// The session.
    pub session: SessionId,
    /// How many events it has.
    pub events: u64,
    /// The routes that it used.
    pub routes: Vec<Route>,
    /// Whether its ledger is exact on every route.
    pub is_exact: bool,
    /// The events that were not processed, as text.
    pub notes: String,
}

/// The sessions of the ledger; the rows of a session stand together.
pub fn session_lines(views: &[SessionView]) -> impl Iterator<Item = SessionLine> {
    views.chunk_by(|one, next| one.session == next.session).map(|routes| SessionLine {
        session: routes[0].session,
        events: routes.iter().map(|view| view.numbered).max().unwrap_or(0),
        routes: routes.iter().map(|view| view.route).collect(),
        is_exact: routes.iter().all(|view| view.balance.is_exact()),
        notes: notes(routes),
    })
}

/// `in flight: 4 on each route; lost: 1 on kafka`.
fn notes(routes: &[SessionView]) -> String {
    let mut notes = Vec::new();
    for name in NOTED {
        let Some((.., read)) = terms().find(|term| term.1 == name) else { continue };
        let numbers: Vec<i64> = routes.iter().map(|view| read(&view.balance)).collect();
        if numbers.iter().all(|number| *number == 0) {
            continue;
        }
        let places = if routes.len() > 1 && numbers.iter().all(|number| *number == numbers[0]) {
            format!("{} on each route", signed(numbers[0]))
        } else {
            let on = |(number, view): (&i64, &SessionView)| format!("{} on {}", signed(*number), view.route);
            let places = numbers.iter().zip(routes).filter(|(number, _)| **number != 0).map(on);
            places.collect::<Vec<_>>().join(", ")
        };
        notes.push(format!("{name}: {places}"));
    }
    notes.join("; ")
}

#[cfg(test)]
mod tests {
    use domain::Intervals;
    use domain::ledger::Balance;
    use uuid::Uuid;

    use super::*;

    fn view(session: u128, route: Route, numbered: u64, balance: Balance) -> SessionView {
        let (session, gaps) = (SessionId(Uuid::from_u128(session)), Intervals::default());
        SessionView { session, route, balance, numbered, gaps, seen: None, last_heard: None }
    }

    #[test]
    fn a_session_is_one_line_over_its_routes() {
        let exact = Balance { emitted: 9, processed: 9, duplicates: 3, ..Balance::default() };
        let shed = Balance { emitted: 7, processed: 5, shed: 2, ..Balance::default() };
        let views =
            [view(2, Route::HttpPush, 9, exact), view(2, Route::Kafka, 7, shed), view(1, Route::Kafka, 9, exact)];
        let lines: Vec<_> = session_lines(&views).collect();
        let expected = SessionLine {
            session: SessionId(Uuid::from_u128(2)),
            events: 9,
            routes: vec![Route::HttpPush, Route::Kafka],
            is_exact: true,
            notes: "shed: 2 on kafka".to_owned(),
        };
        assert_eq!((lines.len(), &lines[0], lines[1].notes.as_str()), (2, &expected, ""));
    }

    #[test]
    fn the_difference_to_an_exact_session_is_named() {
        let words = |balances: [Balance; 3]| {
            let views: Vec<_> =
                Route::ALL.into_iter().zip(balances).map(|(route, one)| view(1, route, 9, one)).collect();
            let line = session_lines(&views).next().unwrap();
            (line.is_exact, line.notes)
        };
        let waits = Balance { in_flight: 4, ..Balance::default() };
        assert_eq!(words([waits; 3]), (false, "in flight: 4 on each route".to_owned()));
        let off = [waits, Balance { lost: 1, ..waits }, Balance { residual: -1, ..Balance::default() }];
        let notes = "in flight: 4 on http-push, 4 on http-poll; lost: 1 on http-poll; residual: −1 on kafka";
        assert_eq!(words(off), (false, notes.to_owned()));
    }
}
