//! The ledger against a naive model: sets of numbers, and a route that loses, doubles and reorders.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// What the route does with one event.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Processed { copies: u8, rank: u16 },
    Lost,
    Rejected,
    Shed,
    Queued,
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        6 => (1u8..3, any::<u16>()).prop_map(|(copies, rank)| Fate::Processed { copies, rank }),
        1 => Just(Fate::Lost),
        1 => Just(Fate::Rejected),
        1 => Just(Fate::Shed),
        1 => Just(Fate::Queued),
    ]
}

const NOW: Timestamp = Timestamp::from_millis(1_000_000);

proptest! {
    #[test]
    fn the_identity_holds_whatever_the_route_does(fates in prop::collection::vec(fate(), 0..60)) {
        let numbered = || fates.iter().copied().zip(1u64..);
        let pick = |wanted: fn(Fate) -> bool| numbered().filter(move |(fate, _)| wanted(*fate)).map(|(_, number)| number);

        // The route delivers its copies in an order of its own.
        let mut arrivals: Vec<(u16, u64)> = numbered()
            .filter_map(|(fate, number)| match fate {
                Fate::Processed { copies, rank } => Some(vec![(rank, number); copies.into()]),
                _ => None,
            })
            .flatten()
            .collect();
        arrivals.sort_unstable();

        let (mut account, mut seen, mut duplicates, mut reordered) = (SessionLedger::default(), BTreeSet::new(), 0, 0);
        for (_, number) in arrivals {
            let late = seen.last().is_some_and(|&last| last > number);
            let verdict = account.enter(number, NOW);
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
            accepted: pick(|fate| matches!(fate, Fate::Processed { .. } | Fate::Lost)).collect(),
            rejected: pick(|fate| matches!(fate, Fate::Rejected)).collect(),
            shed: pick(|fate| matches!(fate, Fate::Shed)).collect(),
        };
        let later = NOW.plus_millis(REPORT_SLACK_MS + 1);
        account.hear(&report, later);

        let lost = pick(|fate| matches!(fate, Fate::Lost)).count() as u64;
        let queued = pick(|fate| matches!(fate, Fate::Queued)).count() as u64;
        let drained = account.balance(later.plus_millis(1));
        prop_assert_eq!(drained, Balance {
            emitted: fates.len() as u64,
            processed: seen.len() as u64,
            rejected: report.rejected.len(),
            shed: report.shed.len(),
            in_flight: queued,
            lost,
            duplicates,
            reordered,
            residual: 0,
        });
        let not_drained = account.balance(later);
        prop_assert_eq!((not_drained.lost, not_drained.in_flight, not_drained.residual), (0, queued + lost, 0));
    }
}

#[test]
fn what_contradicts_itself_shows_in_the_residual() {
    let mut account = SessionLedger::default();
    account.enter(1, NOW);
    account.enter(9, NOW);
    let report = Report { emitted: "1-3".parse().unwrap(), rejected: "1".parse().unwrap(), ..Report::default() };
    account.hear(&report, NOW.plus_millis(REPORT_SLACK_MS + 1));
    // 1 was processed although it was rejected, 9 although nobody emitted it.
    assert_eq!(account.balance(Timestamp::MIN).residual, -2);
}

#[test]
fn an_old_report_takes_nothing_back() {
    let mut account = SessionLedger::default();
    account.hear(&Report { emitted: "1-5".parse().unwrap(), ..Report::default() }, NOW);
    account.hear(&Report { emitted: "1-2".parse().unwrap(), ..Report::default() }, NOW);
    assert_eq!(account.report.emitted.to_string(), "1-5");
}
