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
        ledger.add_report(&report, later).unwrap();

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
            refused: 0,
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
    ledger.add_report(&report, NOW.plus_millis(REPORT_SLACK_MS + 1)).unwrap();
    // 1 was processed although it was rejected, 9 although it was not emitted.
    assert_eq!(ledger.balance(Timestamp::MIN).residual, -2);
}

#[test]
fn an_old_report_takes_nothing_back() {
    let mut ledger = SessionLedger::default();
    ledger.add_report(&Report { emitted: "1-5".parse().unwrap(), ..Report::default() }, NOW).unwrap();
    ledger.add_report(&Report { emitted: "1-2".parse().unwrap(), ..Report::default() }, NOW).unwrap();
    assert_eq!(ledger.report.emitted.to_string(), "1-5");
}

/// A ledger with as many ranges as it may have: the odd numbers.
fn full() -> SessionLedger {
    let mut ledger = SessionLedger::default();
    for number in 0..MAX_FRAGMENTS as u64 {
        assert_eq!(ledger.enter(2 * number + 1, NOW), Seen::New);
    }
    ledger
}

#[test]
fn one_gap_too_many_closes_the_ledger_for_good_and_its_balance_stays_exact() {
    let most = MAX_FRAGMENTS as u64;
    let mut ledger = full();
    let report = Report { emitted: format!("1-{}", 4 * most).parse().unwrap(), ..Report::default() };
    ledger.add_report(&report, NOW).unwrap();
    // Filling a gap, or a number beside others, makes no new range.
    assert_eq!([2, 1].map(|number| ledger.enter(number, NOW)), [Seen::Reordered, Seen::Duplicate]);
    assert_eq!(ledger.enter(2 * most, NOW), Seen::New);
    assert_eq!(ledger.enter(3 * most, NOW), Seen::New, "there was room for one range");
    let open = ledger.balance(Timestamp::MIN);
    assert_eq!((open.processed, open.in_flight, open.residual), (most + 3, 3 * most - 3, 0));

    assert_eq!(ledger.enter(3 * most + 2, NOW), Seen::Refused);
    for number in [1, 2, 4, 3 * most + 1] {
        assert_eq!(ledger.enter(number, NOW), Seen::Refused, "{number}");
    }
    let later = Report { emitted: format!("1-{}", 9 * most).parse().unwrap(), ..Report::default() };
    ledger.add_report(&later, NOW).unwrap();
    assert!(ledger.processed.is_empty() && ledger.report == Report::default(), "it takes no more room");
    for drained_at in [Timestamp::MIN, Timestamp::MAX] {
        let closed = Balance { rejected: open.in_flight, in_flight: 0, refused: 5, ..open };
        assert_eq!(ledger.balance(drained_at), closed);
    }
    assert!(CLOSED.contains(&format!("more than {MAX_FRAGMENTS} ranges")));
}

#[test]
fn reports_that_have_too_many_ranges_together_change_nothing() {
    let mut ledger = SessionLedger::default();
    let set = |first: u64| (0..MAX_FRAGMENTS as u64).map(|number| 4 * number + first).collect::<Intervals>();
    let [odd, others, filling] = [set(1), set(3), set(2)].map(|shed| Report { shed, ..Report::default() });
    assert!(odd.is_plausible() && others.is_plausible());
    ledger.add_report(&odd, NOW).unwrap();
    assert_eq!(ledger.add_report(&others, NOW.plus_millis(1)), Err(NotPlausible));
    assert_eq!((ledger.report.shed.clone(), ledger.reported_at), (odd.shed, Some(NOW)));
    ledger.add_report(&filling, NOW).unwrap();
    assert_eq!(ledger.report.shed.fragments(), MAX_FRAGMENTS);
}

#[test]
fn a_session_that_comes_back_after_its_ledger_was_pruned_counts_from_its_first_number_on() {
    let mut ledger = SessionLedger { resumed: true, ..SessionLedger::default() };
    let report = |last: u64| {
        let all: Intervals = format!("1-{last}").parse().unwrap();
        Report { emitted: all.clone(), accepted: all, ..Report::default() }
    };
    ledger.add_report(&report(500), NOW).unwrap();
    assert!(ledger.is_new(), "its events are part of the sums");
    ledger.enter(502, NOW);
    ledger.enter(501, NOW);
    ledger.add_report(&report(504), NOW).unwrap();
    let balance = ledger.balance(Timestamp::MAX);
    assert_eq!((balance.emitted, balance.processed, balance.lost, balance.residual), (4, 2, 2, 0));
}
