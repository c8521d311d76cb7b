//! The ledger against a naive model: sets of numbers, and a route that loses, duplicates and reorders.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// The outcome of one event on the route.
#[derive(Clone, Copy, Debug)]
enum Outcome {
    Processed { copies: u8, rank: u16 },
    Lost,
    Rejected,
    Shed,
    Queued,
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        6 => (1u8..3, any::<u16>()).prop_map(|(copies, rank)| Outcome::Processed { copies, rank }),
        1 => Just(Outcome::Lost),
        1 => Just(Outcome::Rejected),
        1 => Just(Outcome::Shed),
        1 => Just(Outcome::Queued),
    ]
}

const NOW: Timestamp = Timestamp::from_millis(1_000_000);

proptest! {
    #[test]
    fn the_identity_holds_for_all_outcomes_on_the_route(outcomes in prop::collection::vec(outcome(), 0..60)) {
        let numbered = || outcomes.iter().copied().zip(1u64..);
        let pick = |wanted: fn(Outcome) -> bool| numbered().filter(move |(outcome, _)| wanted(*outcome)).map(|(_, number)| number);

        // The route delivers its copies in an order of its own.
        let mut arrivals: Vec<(u16, u64)> = numbered()
            .filter_map(|(outcome, number)| match outcome {
                Outcome::Processed { copies, rank } => Some(vec![(rank, number); copies.into()]),
                _ => None,
            })
            .flatten()
            .collect();
        arrivals.sort_unstable();

        let (mut ledger, mut seen, mut duplicates, mut reordered) = (SessionLedger::default(), BTreeSet::new(), 0, 0);
        for (_, number) in arrivals {
            let late = seen.last().is_some_and(|&last| last > number);
            let verdict = ledger.enter(number, NOW);
            if seen.insert(number) {
                reordered += u64::from(late);
                prop_assert_eq!(verdict, if late { Seen::Reordered } else { Seen::New });
            } else {
                duplicates += 1;
                prop_assert_eq!(verdict, Seen::Duplicate);
            }
        }
        let report = Report {
            emitted: pick(|_| true).collect(),
            accepted: pick(|outcome| matches!(outcome, Outcome::Processed { .. } | Outcome::Lost)).collect(),
            rejected: pick(|outcome| matches!(outcome, Outcome::Rejected)).collect(),
            shed: pick(|outcome| matches!(outcome, Outcome::Shed)).collect(),
        };
        let later = NOW.plus_millis(REPORT_SLACK_MS + 1);
        ledger.add_report(&report, later);

        let lost = pick(|outcome| matches!(outcome, Outcome::Lost)).count() as u64;
        let queued = pick(|outcome| matches!(outcome, Outcome::Queued)).count() as u64;
        let drained = ledger.balance(later.plus_millis(1));
        prop_assert_eq!(drained, Balance {
            emitted: outcomes.len() as u64,
            processed: seen.len() as u64,
            rejected: report.rejected.len(),
            shed: report.shed.len(),
            in_flight: queued,
            lost,
            duplicates,
            reordered,
            residual: 0,
        });
        let not_drained = ledger.balance(later);
        prop_assert_eq!((not_drained.lost, not_drained.in_flight, not_drained.residual), (0, queued + lost, 0));
    }
}

#[test]
fn contradictions_show_in_the_residual() {
    let mut ledger = SessionLedger::default();
    ledger.enter(1, NOW);
    ledger.enter(9, NOW);
    let report = Report { emitted: "1-3".parse().unwrap(), rejected: "1".parse().unwrap(), ..Report::default() };
    ledger.add_report(&report, NOW.plus_millis(REPORT_SLACK_MS + 1));
    // 1 was processed although it was rejected, 9 although it was not emitted.
    assert_eq!(ledger.balance(Timestamp::MIN).residual, -2);
}

#[test]
fn an_old_report_takes_nothing_back() {
    let mut ledger = SessionLedger::default();
    ledger.add_report(&Report { emitted: "1-5".parse().unwrap(), ..Report::default() }, NOW);
    ledger.add_report(&Report { emitted: "1-2".parse().unwrap(), ..Report::default() }, NOW);
    assert_eq!(ledger.report.emitted.to_string(), "1-5");
}
