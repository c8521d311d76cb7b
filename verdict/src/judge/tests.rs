//! Tests of the judge on made-up results.

use Route::{HttpPoll, HttpPush, Kafka};

use super::*;
use crate::made_up::{Values, about, result, results, scenario};
use crate::scenario::Same;

fn judged(predict: &[(Criterion, Prediction)], values: &[Values<'_>]) -> ScenarioVerdicts {
    let mut scenario = scenario("made-up");
    scenario.predict = predict.iter().cloned().collect();
    judge(&results(vec![result(scenario, values)])).scenarios.remove(0)
}

/// The verdict on CPU time with these medians, in the routes' order, and a prediction.
fn cpu(medians: [f64; 3], prediction: Option<Prediction>) -> CriterionVerdict {
    let runs = medians.map(about);
    let values = [
        (HttpPush, Criterion::Cpu, &runs[0][..]),
        (HttpPoll, Criterion::Cpu, &runs[1][..]),
        (Kafka, Criterion::Cpu, &runs[2][..]),
    ];
    let predict: Vec<_> = prediction.map(|prediction| (Criterion::Cpu, prediction)).into_iter().collect();
    judged(&predict, &values).criteria.remove(0)
}

#[test]
fn the_best_are_better_than_all_others_and_the_same_among_themselves() {
    assert_eq!(cpu([1.0, 2.0, 4.0], None).best, [HttpPush]);
    assert_eq!(cpu([2.0, 1.0, 1.0], None).best, [HttpPoll, Kafka]);
    assert_eq!(cpu([1.0, 1.0, 1.0], None).best, Route::ALL);
    let undecided = cpu([1.0, 1.1, 2.0], None);
    assert_eq!(undecided.outcome(HttpPoll, HttpPush), Outcome::Undecided);
    assert_eq!((undecided.best.len(), undecided.outcome(Kafka, HttpPush)), (0, Outcome::Worse));
}

#[test]
fn a_prediction_is_right_wrong_or_undecided() {
    let outcome = |medians, prediction| cpu(medians, Some(prediction)).prediction.unwrap().outcome;
    let push = || Prediction::Best(vec![HttpPush]);
    assert_eq!(outcome([1.0, 2.0, 4.0], push()), PredictionOutcome::Right);
    assert_eq!(outcome([2.0, 1.0, 4.0], push()), PredictionOutcome::Wrong);
    assert_eq!(outcome([1.0, 1.0, 4.0], push()), PredictionOutcome::Wrong, "it is not better, but the same");
    assert_eq!(outcome([1.0, 1.1, 4.0], push()), PredictionOutcome::Undecided);
    let same = || Prediction::Same(Same::Same);
    assert_eq!(outcome([1.0, 1.0, 1.0], same()), PredictionOutcome::Right);
    assert_eq!(outcome([1.0, 1.0, 2.0], same()), PredictionOutcome::Wrong);
    let two = || Prediction::Best(vec![HttpPoll, Kafka]);
    assert_eq!(outcome([2.0, 1.0, 1.0], two()), PredictionOutcome::Right);
    assert_eq!(outcome([4.0, 1.0, 2.0], two()), PredictionOutcome::Wrong, "kafka is worse than http-poll");
    assert_eq!(outcome([1.0, 2.0, 3.0], Prediction::Best(Vec::new())), PredictionOutcome::Undecided);
}

#[test]
fn a_prediction_about_a_route_or_criterion_that_was_not_measured_stays_undecided() {
    let runs = about(1.0);
    let predict =
        [(Criterion::Cpu, Prediction::Best(vec![HttpPush])), (Criterion::Recovery, Prediction::Same(Same::Same))];
    let slow = about(9.0);
    let verdicts = judged(&predict, &[(HttpPush, Criterion::Cpu, &runs), (HttpPoll, Criterion::Cpu, &slow)]);
    let cpu = verdicts.criterion(Criterion::Cpu).unwrap();
    assert_eq!((cpu.pairs.len(), &cpu.best[..]), (1, &[HttpPush][..]));
    assert_eq!(cpu.prediction.as_ref().unwrap().outcome, PredictionOutcome::Undecided);
    let recovery = verdicts.criterion(Criterion::Recovery).unwrap();
    assert!(recovery.summaries.is_empty() && recovery.best.is_empty());
    assert_eq!(recovery.prediction.as_ref().unwrap().outcome, PredictionOutcome::Undecided);
    assert_eq!(verdicts.criteria.len(), 2, "what was neither measured nor predicted has no verdict");
}

#[test]
fn void_runs_decide_nothing() {
    let (fast, slow) = (about(1.0), about(9.0));
    let mut all = results(vec![result(
        scenario("made-up"),
        &[(HttpPush, Criterion::Cpu, &fast), (Kafka, Criterion::Cpu, &slow)],
    )]);
    assert_eq!(differences(&judge(&all), HttpPush, Kafka), [("made-up", Criterion::Cpu, Outcome::Better)]);
    assert_eq!(differences(&judge(&all), HttpPush, HttpPoll), []);
    for run in all.scenarios[0].runs.iter_mut().filter(|run| run.route == Kafka && run.repetition > 1) {
        run.void = vec!["The generator was late.".to_owned()];
    }
    let judgement = judge(&all);
    let verdicts = &judgement.scenarios[0];
    assert_eq!(verdicts.void, 4);
    assert_eq!(verdicts.criteria[0].pairs[0].outcome, Outcome::Undecided);
    assert_eq!(verdicts.criteria[0].summaries[Kafka].count, 1);
    assert_eq!(differences(&judgement, HttpPush, Kafka), []);
}

#[test]
fn a_run_without_a_value_takes_its_route_out_of_the_criterion() {
    let (fast, slow) = (about(1.0), about(9.0));
    let values =
        [(HttpPush, Criterion::Cpu, &fast[..]), (Kafka, Criterion::Cpu, &slow), (HttpPoll, Criterion::Cpu, &slow)];
    let mut all = result(scenario("made-up"), &values);
    let run = all.runs.iter_mut().find(|run| run.route == HttpPush).unwrap();
    run.values.clear();
    let verdicts = judge(&results(vec![all])).scenarios.remove(0);
    let cpu = &verdicts.criteria[0];
    assert!(cpu.summaries.get(HttpPush).is_none() && cpu.summaries[Kafka].count == 5);
    assert_eq!(cpu.best, [HttpPoll, Kafka]);
}

#[test]
fn nothing_measured_gives_no_verdicts_and_says_so() {
    let judgement = judge(&results(vec![result(scenario("made-up"), &[])]));
    assert!(judgement.scenarios[0].criteria.is_empty() && judgement.choice.table.is_empty());
    assert!(judgement.choice.answers[0].starts_with("These runs decide nothing"));
}
