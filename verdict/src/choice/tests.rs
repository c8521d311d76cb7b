//! Tests of the table and the sentences, on made-up results.

use domain::Route::{self, HttpPoll, HttpPush, Kafka};

use crate::judgement::{Choice, Mark};
use crate::made_up::{about, fault, result, results, scenario};
use crate::results::ScenarioResult;
use crate::{Criterion, Scenario, judge};

/// A scenario in which the routes, in their order, have these values in about each run; a value that is 0 is always 0.
fn measured(scenario: Scenario, medians: &[(Criterion, [f64; 3])]) -> ScenarioResult {
    let exact = [Criterion::Parts, Criterion::Lost, Criterion::Duplicated, Criterion::OutOfOrder];
    let runs = |criterion, median| if exact.contains(&criterion) { [median; 5] } else { about(median) };
    let of_routes = |(criterion, medians): &(Criterion, [f64; 3])| {
        let criterion = *criterion;
        Route::ALL.into_iter().zip(*medians).map(move |(route, median)| (route, criterion, runs(criterion, median)))
    };
    let values: Vec<_> = medians.iter().flat_map(of_routes).collect();
    let values: Vec<_> = values.iter().map(|(route, criterion, runs)| (*route, *criterion, &runs[..])).collect();
    result(scenario, &values)
}

fn with_fault(name: &str, part: &str) -> Scenario {
    let mut scenario = scenario(name);
    scenario.faults = vec![fault("kill", part, 5.0, 10.0)];
    scenario
}

fn quiet(p99: [f64; 3], parts: [f64; 3]) -> ScenarioResult {
    let mut scenario = scenario("quiet");
    scenario.load.rate = 5.0;
    measured(
        scenario,
        &[(Criterion::ProcessedP99, p99), (Criterion::Parts, parts), (Criterion::Memory, [80.0, 80.0, 620.0])],
    )
}

/// A scenario in which a part is killed, with the losses and the unavailability of the routes.
fn outage(name: &str, part: &str, lost: [f64; 3], unavailable: [f64; 3]) -> ScenarioResult {
    measured(with_fault(name, part), &[(Criterion::Lost, lost), (Criterion::Unavailable, unavailable)])
}

fn expiry() -> ScenarioResult {
    outage("longer-than-the-store", "consumer", [0.0, 412.0, 0.0], [48.0, 0.0, 0.0])
}

fn broker_restart() -> ScenarioResult {
    outage("broker-restart", "broker", [0.0; 3], [0.0, 0.0, 30.0])
}

fn consumer_down() -> ScenarioResult {
    outage("consumer-down", "consumer", [0.0; 3], [48.0, 0.0, 0.0])
}

fn second_reader() -> ScenarioResult {
    measured(scenario("second-reader"), &[(Criterion::MissedHistory, [100.0, 40.0, 0.0])])
}

fn choice(scenarios: Vec<ScenarioResult>) -> Choice {
    judge(&results(scenarios)).choice
}

fn sentences(choice: &Choice) -> String {
    let texts = choice.sentences.iter().map(|sentence| sentence.text.as_str());
    format!("{}\n\n{}", choice.answers.join("\n"), texts.collect::<Vec<_>>().join("\n"))
}

#[test]
fn a_newcomer_finds_an_answer_to_three_questions() {
    let all =
        vec![quiet([12.0, 110.0, 40.0], [3.0, 3.0, 4.0]), consumer_down(), broker_restart(), expiry(), second_reader()];
    let choice = choice(all);
    insta::assert_snapshot!(sentences(&choice));
    let chosen: Vec<_> = choice.sentences.iter().take(4).map(|sentence| &sentence.routes[..]).collect();
    assert_eq!(chosen, [&[Kafka][..], &[HttpPoll], &[HttpPush], &[Kafka]]);
}

#[test]
fn three_repetitions_answer_what_needs_no_ranks() {
    let mut all =
        results(vec![quiet([12.0, 14.0, 110.0], [3.0, 3.0, 4.0]), consumer_down(), broker_restart(), second_reader()]);
    all.scenarios.iter_mut().for_each(|scenario| scenario.runs.retain(|run| run.repetition <= 3));
    insta::assert_snapshot!(sentences(&judge(&all).choice));
}

#[test]
fn each_sentence_names_verdicts_that_exist() {
    let judgement = judge(&results(vec![quiet([12.0, 110.0, 40.0], [3.0, 3.0, 4.0]), expiry(), second_reader()]));
    for sentence in &judgement.choice.sentences {
        for evidence in &sentence.evidence {
            let verdict = judgement.verdict(&evidence.scenario, evidence.criterion).unwrap();
            assert!(!verdict.summaries.is_empty() && sentence.text.contains(&evidence.scenario), "{}", sentence.text);
        }
    }
}

#[test]
fn the_routes_win_by_their_numbers_and_not_by_their_names() {
    let kafka_is_fast = choice(vec![quiet([110.0, 60.0, 9.0], [3.0, 3.0, 3.0])]);
    assert_eq!(kafka_is_fast.sentences[0].routes, [Kafka]);
    let poll_is_fast = choice(vec![quiet([110.0, 9.0, 60.0], [3.0, 3.0, 4.0])]);
    assert_eq!(poll_is_fast.sentences[0].routes, [HttpPoll]);
    let push_never_loses = outage("x", "broker", [0.0, 3.0, 7.0], [0.0, 0.0, 9.0]);
    assert_eq!(choice(vec![push_never_loses]).sentences[0].routes, [HttpPush]);
}

#[test]
fn two_routes_that_meet_a_need_equally_are_both_named() {
    let choice = choice(vec![quiet([12.0, 12.0, 40.0], [3.0, 3.0, 4.0])]);
    assert!(choice.answers[0].starts_with("Choose http-push or http-poll when an effect must"), "{:?}", choice.answers);
}

#[test]
fn a_route_that_is_never_best_is_said_to_be() {
    let disk = measured(scenario("steady"), &[(Criterion::Disk, [900.0, 400.0, 900.0])]);
    let text = sentences(&choice(vec![second_reader(), disk]));
    assert!(text.contains("http-poll meets none of these needs best; it is among the best in one verdict, most clearly in steady (Disk)."), "{text}");
    let text = sentences(&choice(vec![second_reader()]));
    assert!(
        text.contains("Nothing here speaks for http-push: in no scenario is it among the best at anything."),
        "{text}"
    );
}

#[test]
fn without_a_decision_there_is_no_choice() {
    let even = choice(vec![quiet([12.0, 12.0, 12.0], [3.0, 3.0, 3.0])]);
    assert_eq!(even.sentences.len(), 2, "memory, and the route that is never best: {even:#?}");
    let nothing = choice(vec![measured(scenario("x"), &[(Criterion::MissedHistory, [0.0; 3])])]);
    assert_eq!((nothing.sentences.len(), nothing.sentences[0].routes.len()), (1, 0));
    assert!(nothing.answers[0].starts_with("These runs decide nothing"), "{:?}", nothing.answers);
}

#[test]
fn latencies_under_a_fault_decide_no_choice() {
    let slow = measured(with_fault("slow", "consumer"), &[(Criterion::AcceptedP99, [900.0, 9.0, 9.0])]);
    assert!(choice(vec![slow]).answers[0].starts_with("These runs favour no route"));
}

#[test]
fn a_route_without_any_verdict_in_its_favour_is_not_chosen_along() {
    let choice = choice(vec![measured(scenario("x"), &[(Criterion::Memory, [100.0, 112.0, 125.0])])]);
    assert_eq!(choice.table[0].cells[HttpPoll].mark, Mark::Undecided);
    assert_eq!(choice.sentences[0].routes, [HttpPush]);
}

#[test]
fn the_scenario_with_the_lowest_rate_decides_about_single_effects() {
    let busy = measured(scenario("busy"), &[(Criterion::ProcessedP99, [90.0, 9.0, 9.0])]);
    let choice = choice(vec![busy, quiet([12.0, 110.0, 40.0], [3.0, 3.0, 4.0])]);
    assert_eq!(choice.sentences[0].routes, [HttpPush]);
    assert!(!choice.sentences[0].text.contains("busy"), "{}", choice.sentences[0].text);
}

#[test]
fn a_loss_that_was_accepted_beforehand_is_held_against_no_route() {
    let (mut weak, mut once) = (expiry(), expiry());
    weak.scenario.stack.guarantee = domain::guarantee::Guarantee::AtMostOnce;
    once.scenario.load.retry = false;
    assert_eq!(choice(vec![weak, consumer_down()]).sentences[0].routes, [HttpPoll, Kafka]);
    assert_eq!(choice(vec![once, consumer_down()]).sentences[0].routes, [HttpPoll, Kafka]);
    assert_eq!(choice(vec![expiry(), consumer_down()]).sentences[0].routes, [Kafka]);
}

#[test]
fn a_row_shows_the_scenario_with_the_clearest_verdict_under_usual_conditions() {
    let slow = measured(with_fault("slow", "consumer"), &[(Criterion::ProcessedP99, [9000.0, 20.0, 2000.0])]);
    let choice =
        choice(vec![consumer_down(), slow, quiet([12.0, 110.0, 40.0], [3.0, 3.0, 4.0]), broker_restart(), expiry()]);
    let row = |criterion| choice.table.iter().find(|row| row.criterion == criterion).unwrap();
    let latency = row(Criterion::ProcessedP99);
    assert_eq!((latency.scenario.as_str(), latency.decided_in), ("quiet", 2), "the one without a fault");
    let marks: Vec<_> = latency.cells.values().map(|cell| cell.mark).collect();
    assert_eq!(marks, [Mark::Best, Mark::Worst, Mark::Middle]);
    assert_eq!((latency.cells[HttpPush].value.as_str(), latency.cells[HttpPush].best_in), ("12 ms", 1));
    let away = row(Criterion::Unavailable);
    let reverse = choice.table.iter().find(|row| row.is_reverse).unwrap();
    assert_eq!((reverse.criterion, reverse.scenario.as_str()), (Criterion::Unavailable, "broker-restart"));
    assert_eq!([reverse.cells[HttpPush].mark, reverse.cells[Kafka].mark], [Mark::Best, Mark::Worst]);
    assert_eq!(choice.table.iter().filter(|row| row.is_reverse).count(), 1, "a fault does not reverse latencies");
    assert_eq!((away.scenario.as_str(), away.decided_in), ("consumer-down", 3), "the larger of two differences");
    assert_eq!(away.cells[HttpPoll].mark, Mark::Best);
    assert_eq!(row(Criterion::Lost).scenario, "longer-than-the-store");
    assert_eq!(row(Criterion::Parts).cells[Kafka].mark, Mark::Worst);
}

#[test]
fn an_undecided_difference_is_not_hidden_by_a_scenario_without_one() {
    let mut idle = scenario("idle");
    idle.load.rate = 5.0;
    let idle = measured(idle, &[(Criterion::MostWaiting, [1.0; 3]), (Criterion::Lost, [0.0; 3])]);
    let waits = [
        (HttpPush, Criterion::MostWaiting, &[1.0, 2.0, 3.0][..]),
        (Kafka, Criterion::MostWaiting, &[280.0, 300.0, 310.0]),
    ];
    let lost = [(HttpPush, Criterion::Lost, &[0.0; 3][..]), (Kafka, Criterion::Lost, &[0.0; 3])];
    let restart = result(with_fault("broker-restart", "broker"), &[waits, lost].concat());
    let choice = choice(vec![idle, restart]);
    let scenarios: Vec<_> = choice.table.iter().map(|row| (row.criterion, row.scenario.as_str())).collect();
    assert_eq!(scenarios, [(Criterion::Lost, "broker-restart"), (Criterion::MostWaiting, "broker-restart")]);
}

#[test]
fn marks_of_equal_and_undecided_routes() {
    let marks = |medians| {
        let choice = choice(vec![measured(scenario("x"), &[(Criterion::Cpu, medians)])]);
        choice.table[0].cells.values().map(|cell| cell.mark).collect::<Vec<_>>()
    };
    assert_eq!(marks([1.0, 1.0, 1.0]), [Mark::Same; 3]);
    assert_eq!(marks([1.0, 1.1, 2.0]), [Mark::Ahead, Mark::Ahead, Mark::Worst]);
    assert_eq!(marks([1.0, 1.1, 1.12]), [Mark::Undecided; 3]);
}
