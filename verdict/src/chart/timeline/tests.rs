//! Timelines of small made-up runs.

use super::*;
use crate::made_up::scenario;
use crate::results::Second;

fn run(route: Route, waiting: &[u64]) -> Run {
    let second = |&waiting| Second { due: 100, processed: 100, waiting, unavailable: 0.5, ..Second::default() };
    Run { timeline: waiting.iter().map(second).collect(), ..Run::new(route, 1) }
}

fn draw(runs: Vec<Run>) -> Timeline {
    timeline(&ScenarioResult { scenario: scenario("x"), runs }, 0)
}

#[test]
fn repetitions_become_a_median_and_a_range() {
    let drawn =
        draw([[0, 0, 400, 0], [0, 0, 200, 0], [0, 0, 300, 0]].map(|waiting| run(Route::Kafka, &waiting)).into());
    let [kafka] = &drawn.routes[..] else { panic!("{drawn:?}") };
    assert_eq!(kafka.curves[1].median, "M250 1000h250l250-750l250 750", "300 of 400");
    assert_eq!(kafka.curves[1].range, "M250 1000h250l250-1000l250 1000L1000 1000l-250-500l-250 500h-250z");
    assert_eq!(kafka.curves[2].median, "M125 500h750");
}

#[test]
fn a_run_that_was_drained_earlier_has_nothing_waiting() {
    let drawn = draw(vec![run(Route::HttpPush, &[400, 0]), run(Route::Kafka, &[0, 400, 400, 0])]);
    assert_eq!(drawn.routes[0].curves[1].median, "M250 0l250 1000", "the line ends with its run");
    assert_eq!(drawn.times.last().unwrap(), &Tick { at: 1000, text: "4 s".to_owned() });
}

#[test]
fn a_run_that_is_under_way_leaves_room_for_its_rest() {
    let result = ScenarioResult { scenario: scenario("x"), runs: vec![run(Route::Kafka, &[0, 400])] };
    let drawn = timeline(&result, 4);
    assert_eq!(drawn.routes[0].curves[1].median, "M250 1000l250-1000", "half of the width");
    assert_eq!(drawn.times.last().unwrap(), &Tick { at: 1000, text: "4 s".to_owned() });
    assert_eq!(timeline(&result, 1), timeline(&result, 0), "a longer run has all of its width");
}

#[test]
fn a_peak_stays_visible_in_a_long_run() {
    let mut waiting = [0; 1000];
    waiting[500] = 4000;
    let drawn = draw(vec![run(Route::Kafka, &waiting)]);
    assert!(drawn.routes[0].curves[1].median.contains("-1000"), "{drawn:?}");
}

#[test]
fn a_repeated_fault_has_one_label_and_void_runs_are_left_out() {
    let mark = |began| FaultMark { kind: "kill".to_owned(), part: "consumer".to_owned(), began, ended: began + 1.0 };
    let mut faulty = run(Route::Kafka, &[0; 10]);
    faulty.faults = vec![mark(2.0), mark(6.0)];
    let mut void = run(Route::HttpPoll, &[9; 20]);
    void.void = vec!["the machine was busy".to_owned()];
    let drawn = draw(vec![faulty, void]);
    let [kafka] = &drawn.routes[..] else { panic!("{drawn:?}") };
    assert_eq!(kafka.faults, [Fault { label: "kill consumer".to_owned(), spans: vec![(200, 100), (600, 100)] }]);
    assert_eq!(kafka.curves[1].range, "", "one repetition has no range");
    assert!(drawn.scales[1].is_empty(), "nothing waited: {drawn:?}");
    assert_eq!(draw(Vec::new()), Timeline::default());
}
