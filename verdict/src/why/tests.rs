//! Each rule on made-up runs: it speaks if the numbers show it, and is silent if they do not.

use domain::Route::{self, HttpPoll, HttpPush, Kafka};
use domain::guarantee::Guarantee;
use domain::ledger::Balance;

use crate::made_up::{Values, about, fault, result, results, scenario};
use crate::results::{FaultMark, Hop, PartUse, Run, ScenarioResult, Second};
use crate::{Criterion, Scenario, judge};

/// The paragraph about these runs.
fn why(result: ScenarioResult) -> Vec<String> {
    judge(&results(vec![result])).scenarios.remove(0).why
}

/// The runs with these values, each changed.
fn runs(scenario: Scenario, values: &[Values<'_>], change: impl Fn(&mut Run)) -> ScenarioResult {
    let mut result = result(scenario, values);
    result.runs.iter_mut().for_each(change);
    result
}

fn faulty(name: &str) -> Scenario {
    let mut scenario = scenario(name);
    scenario.faults = vec![fault("kill", "consumer", 10.0, 20.0)];
    scenario
}

#[track_caller]
fn says(paragraph: &[String], sentence: &str) {
    assert!(paragraph.iter().any(|found| found == sentence), "{paragraph:#?}");
}

#[track_caller]
fn silent(paragraph: &[String], word: &str) {
    assert!(!paragraph.iter().any(|found| found.contains(word)), "{paragraph:#?}");
}

/// The values of http-push and kafka.
fn two<'a>(criterion: Criterion, push: &'a [f64], kafka: &'a [f64]) -> [Values<'a>; 2] {
    [(HttpPush, criterion, push), (Kafka, criterion, kafka)]
}

/// A consumer that is down for 20 s: http-push refuses, kafka keeps.
fn consumer_down(run: &mut Run) {
    run.faults = vec![FaultMark { kind: "kill".to_owned(), part: "consumer".to_owned(), began: 10.0, ended: 30.0 }];
    run.timeline = (0..40_u64)
        .map(|second| {
            let down = (10..30).contains(&second);
            let (processed, waiting) = match second {
                10..30 => (0, 100 * (second - 9)),
                30 => (2100, 0),
                _ => (100, 0),
            };
            let accepted = if run.route == Kafka { 100 } else { processed };
            let refused = if run.route == HttpPush && down { 60 } else { 0 };
            Second { due: 100, accepted, refused, processed, waiting, unavailable: f64::from(refused > 0) }
        })
        .collect();
    if run.route == HttpPush {
        run.refusals = [("503".to_owned(), 1200)].into();
    }
}

#[test]
fn an_unavailable_route_has_its_refusals_and_the_fault() {
    let unavailable = two(Criterion::Unavailable, &[48.0, 47.0, 49.0, 48.0, 48.0], &[0.0; 5]);
    let waiting = two(Criterion::MostWaiting, &[2000.0; 5], &[2000.0; 5]);
    let values = [unavailable, waiting, two(Criterion::Recovery, &[3.1; 5], &[6.2; 5])].concat();
    insta::assert_snapshot!(why(runs(faulty("x"), &values, consumer_down)).join("\n"));
}

#[test]
fn no_fault_is_blamed_for_refusals_at_another_time() {
    let values = two(Criterion::Unavailable, &[48.0; 3], &[0.5; 3]);
    let early = |run: &mut Run| {
        consumer_down(run);
        run.timeline.rotate_left(10);
    };
    let paragraph = why(runs(faulty("x"), &values, early));
    says(
        &paragraph,
        "http-push was unavailable 48 % of the time; in its middle run, 1\u{202f}200 requests were refused or failed (503: 1\u{202f}200).",
    );
    silent(&paragraph, "all the time");
    silent(&paragraph, "while");
}

#[test]
fn availability_is_no_topic_where_no_route_was_away() {
    let values = two(Criterion::Unavailable, &[0.0; 3], &[0.9; 3]);
    silent(&why(runs(faulty("x"), &values, consumer_down)), "available");
}

#[test]
fn a_loss_has_its_places_in_the_ledger() {
    let values = two(Criterion::Lost, &[7.0; 3], &[0.0; 3]);
    let mut scenario = faulty("x");
    scenario.load.retry = false;
    let shed = |run: &mut Run| {
        if run.route == HttpPush {
            run.ledger = Balance { emitted: 1000, processed: 993, shed: 6, in_flight: 1, ..Balance::default() };
        }
    };
    silent(&why(runs(faulty("x"), &values, shed)), "not sent again");
    says(
        &why(runs(scenario, &values, shed)),
        "http-push lost 21 of 3\u{202f}000 events due in 3 runs: 18 were dropped by their senders and 3 were still on their way \
         at the end; a refused event was not sent again.",
    );
}

#[test]
fn an_outage_longer_than_the_store_keeps_is_named() {
    let values: [Values<'_>; 2] = [(HttpPoll, Criterion::Lost, &[500.0; 3]), (Kafka, Criterion::Lost, &[0.0; 3])];
    let expired = |run: &mut Run| {
        consumer_down(run);
        if run.route == HttpPoll {
            run.ledger = Balance { emitted: 1000, processed: 500, lost: 500, ..Balance::default() };
        }
    };
    let with_ttl = |seconds| {
        let mut scenario = faulty("x");
        scenario.stack.store_ttl_seconds = seconds;
        why(runs(scenario, &values, expired))
    };
    says(
        &with_ttl(10),
        "http-poll lost 1\u{202f}500 of 3\u{202f}000 events due in 3 runs: 1\u{202f}500 were accepted and never processed; the \
         store keeps an event for 10 s, and for 20 s none was processed.",
    );
    silent(&with_ttl(600), "the store keeps");
}

#[test]
fn without_a_loss_under_faults_it_says_so() {
    let all = Route::ALL.map(|route| -> Values<'_> { (route, Criterion::Lost, &[0.0; 3]) });
    says(&why(result(faulty("x"), &all)), "No route lost an event.");
    let values = two(Criterion::Lost, &[0.0; 3], &[0.0; 3]);
    says(&why(runs(faulty("x"), &values, |_| ())), "http-push and kafka lost no event.");
    silent(&why(runs(scenario("x"), &values, |_| ())), "lost");
}

#[test]
fn effects_that_came_twice_have_their_guarantee() {
    let values = two(Criterion::Duplicated, &[0.0; 3], &[2.0, 0.0, 4.0]);
    let again = |run: &mut Run| run.ledger.duplicates = if run.route == Kafka { 10 } else { 0 };
    let with = |guarantee| {
        let mut scenario = scenario("x");
        scenario.stack.guarantee = guarantee;
        why(runs(scenario, &values, again))
    };
    let text = "kafka made 6 mails and alerts too many in 3 runs; 30 arrivals had a number that had come before";
    says(&with(Guarantee::AtLeastOnce), &format!("{text}; the guarantee is at-least-once."));
    says(&with(Guarantee::EffectivelyOnce), &format!("{text}."));
}

#[test]
fn a_broken_order_is_set_against_those_that_kept_it() {
    let values: [Values<'_>; 3] = [
        (HttpPush, Criterion::OutOfOrder, &[1.0, 0.0, 2.0]),
        (HttpPoll, Criterion::OutOfOrder, &[0.0; 3]),
        (Kafka, Criterion::OutOfOrder, &[0.0; 3]),
    ];
    says(
        &why(result(scenario("x"), &values)),
        "http-push processed 3 events after a later one of the same sender; http-poll and kafka kept the order in every run.",
    );
    silent(&why(result(scenario("x"), &values[..1])), "order");
}

#[test]
fn a_second_reader_gets_all_or_misses_some() {
    let values = two(Criterion::MissedHistory, &[100.0; 3], &[0.0; 3]);
    says(
        &why(result(scenario("x"), &values)),
        "http-push gave a second reader none of the earlier events and kafka gave a second reader all of the earlier events.",
    );
}

/// Two routes, of which the second takes 10 ms more in its step.
fn planted(step: f64) -> ScenarioResult {
    let (fast, slow) = (about(8.0), about(8.0 + step));
    let values = two(Criterion::ProcessedP50, &fast, &slow);
    runs(scenario("x"), &values, |run| {
        let hop = |name: &str, p50_ms| Hop { name: name.to_owned(), p50_ms, p99_ms: p50_ms };
        let more = if run.route == Kafka { step } else { 0.0 };
        run.hops = vec![hop("to the backend", 3.0), hop("on the route", 2.0), hop("in the step", 3.0 + more)];
    })
}

#[test]
fn a_delay_planted_in_a_hop_is_found_there() {
    says(
        &why(planted(10.0)),
        "kafka processed half of the events within 18 ms, http-push within 8 ms: most of the difference is in the hop “in the \
         step” (13 ms and 3 ms).",
    );
    silent(&why(planted(0.1)), "hop");
}

#[test]
fn a_difference_that_lies_in_no_hop_is_not_put_into_one() {
    let mut spread = planted(10.0);
    for run in spread.runs.iter_mut().filter(|run| run.route == Kafka) {
        run.hops.iter_mut().for_each(|hop| hop.p50_ms = 5.0);
    }
    let paragraph = why(spread);
    says(&paragraph, "kafka processed half of the events within 18 ms, http-push within 8 ms.");
    silent(&paragraph, "hop");
}

#[test]
fn an_answer_after_the_effects_is_set_against_one_before_them() {
    let accepted = two(Criterion::AcceptedP50, &[20.0, 20.2, 19.8, 20.1, 19.9], &[4.0, 4.2, 3.8, 4.1, 3.9]);
    let with = |push: &[f64]| {
        let processed = two(Criterion::ProcessedP50, push, &[9.0, 9.2, 8.8, 9.1, 8.9]);
        why(result(scenario("x"), &[accepted, processed].concat()))
    };
    let paragraph = with(&[19.0, 19.2, 18.8, 19.1, 18.9]);
    says(
        &paragraph,
        "The sender of http-push gets its answer after the effects, that of kafka before them: half of the events were accepted \
         and processed within 20 ms and 19 ms on http-push, and 4 ms and 9 ms on kafka.",
    );
    silent(&with(&[30.0, 30.2, 29.8, 30.1, 29.9]), "The sender of");
}

#[test]
fn memory_has_the_part_that_takes_most_of_it() {
    let (less, more) = (about(80.0), about(620.0));
    let values = two(Criterion::Memory, &less, &more);
    let with = |broker: f64| {
        runs(scenario("x"), &values, move |run| {
            let part = |memory_mib| PartUse { cpu_seconds: 0.0, memory_mib };
            run.parts = [("backend".to_owned(), part(620.0 - broker)), ("broker".to_owned(), part(broker))].into();
        })
    };
    says(
        &why(with(500.0)),
        "kafka took 620 MiB of memory, http-push 80 MiB; most of kafka's memory goes to the part broker (500 of 620 MiB in a run).",
    );
    let mut elsewhere = with(500.0);
    elsewhere.runs.iter_mut().for_each(|run| _ = run.parts.remove("backend"));
    silent(&why(elsewhere), "memory");
    let mut even = with(250.0);
    even.runs.iter_mut().for_each(|run| {
        run.parts.insert("consumer".to_owned(), PartUse { cpu_seconds: 0.0, memory_mib: 250.0 });
    });
    silent(&why(even), "memory");
}

#[test]
fn starts_are_named_if_they_differ() {
    let (soon, late) = (about(1.1), about(5.0));
    let differ = two(Criterion::Startup, &soon, &late);
    says(
        &why(result(scenario("x"), &differ)),
        "From the start of its first process, the first event was processed by http-push after 1.1 s and kafka after 5 s.",
    );
    let same = two(Criterion::Startup, &soon, &soon);
    silent(&why(result(scenario("x"), &same)), "start");
}

#[test]
fn three_runs_are_said_to_be_too_few_and_no_difference_to_be_sure() {
    let few = two(Criterion::Cpu, &[1.0, 1.1, 1.2], &[9.0, 9.1, 9.2]);
    let paragraph = why(result(scenario("x"), &few));
    says(&paragraph, "No difference between the routes is sure.");
    says(
        &paragraph,
        "With 3 valid runs of a route no measured time, use of the machine or number of waiting events is sure, however large the \
         difference; with five of each route it can be.",
    );
    let parts = two(Criterion::Parts, &[3.0; 3], &[4.0; 3]);
    let paragraph = why(result(scenario("x"), &[few, parts].concat()));
    says(&paragraph, "No difference between the routes is sure, the number of parts apart.");
    silent(&why(planted(10.0)), "sure");
}

#[test]
fn a_single_run_of_each_route_has_its_numbers_alone() {
    let single = two(Criterion::MissedHistory, &[100.0], &[0.0]);
    let paragraph = why(result(scenario("x"), &single));
    assert_eq!(paragraph.len(), 1, "{paragraph:#?}");
    silent(&paragraph, "sure");
}

#[test]
fn the_name_of_a_scenario_changes_nothing() {
    let values = two(Criterion::Unavailable, &[48.0; 5], &[0.0; 5]);
    let named = |name| why(runs(faulty(name), &values, consumer_down));
    assert_eq!(named("consumer-down"), named("broker-restart"));
}

#[test]
fn a_paragraph_has_an_end() {
    let large = about(90.0);
    let values: Vec<Values<'_>> = Route::ALL
        .into_iter()
        .flat_map(|route| Criterion::ALL.map(|criterion| (route, criterion, &large[..])))
        .collect();
    let paragraph = why(runs(faulty("x"), &values, consumer_down));
    let (reasons, unsure) = paragraph.split_at(super::MOST_SENTENCES);
    assert_eq!(unsure, ["No difference between the routes is sure."], "{reasons:#?}");
}
