//! Synthetic results: a queue with made-up numbers, so that charts and reports have something to show. Nothing was measured.

use std::collections::BTreeMap;

use domain::Route;
use domain::ledger::Balance;
use serde_json::json;
use verdict::results::{
    Distribution, FaultMark, Hop, Machine, PartUse, QUANTILES, Results, Run, ScenarioResult, Second,
};
use verdict::scenario::{Scenario, TimedFault};
use verdict::{Criterion, results};

/// A made-up scenario: its name, its question, the rate, the part that is away, from when and for how many seconds.
type Sketch = (&'static str, &'static str, f64, &'static str, f64, f64);

const SKETCHES: [Sketch; 6] = [
    ("quiet", "Five events a second. Which route is the simplest that is fast enough?", 5.0, "", 0.0, 0.0),
    ("steady", "Two hundred events a second. What does each route cost?", 200.0, "", 0.0, 0.0),
    ("consumer-down", "The consumer is away for 20 seconds. Who notices?", 200.0, "consumer", 10.0, 20.0),
    ("broker-restart", "The only broker is restarted. What do senders see?", 200.0, "broker", 10.0, 6.0),
    ("backend-crash", "The backend is killed. Which events are lost?", 100.0, "backend", 12.0, 4.0),
    ("mail-server-down", "The mail server refuses all mails. Does any route feel it?", 100.0, "smtp", 8.0, 15.0),
];

const LESSON: &str = "A push needs its receiver now: while the consumer is away, the sender waits. \
                      A store or a log takes the events and hands them over later.";

/// Results with as many scenarios: the sketches, over and over.
pub(crate) fn results(scenarios: usize, repetitions: u32) -> Results {
    let scenario = |index: usize| {
        let (round, sketch) = (index / SKETCHES.len(), &SKETCHES[index % SKETCHES.len()]);
        let name = if round == 0 { sketch.0.to_owned() } else { format!("{}-{}", sketch.0, round + 1) };
        scenario(&name, sketch, repetitions)
    };
    Results {
        version: results::VERSION,
        began: "2026-01-02T03:04:05Z".to_owned(),
        command: format!("ese compare --reps {repetitions} --seed 7"),
        seed: 7,
        repetitions,
        stopped: false,
        own_brokers: None,
        machine: Machine {
            processor: "Synthetic processor".to_owned(),
            cores: 2,
            memory_mib: 24_000,
            system: "Synthetic system 1.0".to_owned(),
        },
        versions: [("Apache Kafka", "4.3.1"), ("ese", "0.1.0"), ("SQLite", "3.50.4")]
            .map(|(name, version)| (name.to_owned(), version.to_owned()))
            .into(),
        scenarios: (0..scenarios).map(scenario).collect(),
    }
}

fn scenario(name: &str, &(_, question, rate, part, at, lasts): &Sketch, repetitions: u32) -> ScenarioResult {
    let kind = if part == "smtp" { "refuse" } else { "kill" };
    let routes = if part == "broker" { vec![Route::Kafka] } else { Vec::new() };
    let fault = json!({"at": at, "for": lasts, "kind": kind, "part": part, "routes": routes});
    let faults = if part.is_empty() { Vec::new() } else { vec![fault] };
    let scenario = json!({
        "name": name, "question": question, "lesson": LESSON, "load": {"rate": rate, "seconds": 40}, "fault": faults,
        "predict": {"unavailable": ["http-poll", "kafka"], "lost": "same", "processed-p50": ["http-push"]}
    });
    let scenario: Scenario = serde_json::from_value(scenario).expect("it is a scenario");
    let of = |repetition| Route::ALL.map(|route| run(&scenario, route, repetition));
    let mut runs: Vec<Run> = (1..=repetitions).flat_map(of).collect();
    if let Some(run) = runs.last_mut().filter(|_| name == "steady") {
        let repeated = run.clone();
        run.void = vec!["the generator was late: 99 % of its events within 31 ms, 20 ms are allowed".to_owned()];
        runs.push(repeated);
    }
    ScenarioResult { scenario, runs }
}

/// A number from 0 to 1 that only looks random.
fn noise(seed: u64) -> f64 {
    let mixed = seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 40) as f64 / f64::from(1 << 24)
}

fn run(scenario: &Scenario, route: Route, repetition: u32) -> Run {
    let seed = u64::from(repetition) * 1000 + route as u64 * 100_000;
    let fault = scenario.faults.first().filter(|fault| fault.routes.is_empty() || fault.routes.contains(&route));
    let away = |second: u32| {
        fault.filter(|fault| (fault.at..fault.at + fault.lasts.unwrap_or(0.0)).contains(&f64::from(second)))
    };
    let mut timeline: Vec<Second> = Vec::new();
    let (mut waiting, mut second) = (0, 0);
    while second < scenario.load.seconds || (waiting > 0 && second < 120) {
        let jitter = (noise(seed + u64::from(second)) - 0.5) * 0.06;
        let due = if second < scenario.load.seconds { (scenario.load.rate * (1.0 + jitter)).round() as u64 } else { 0 };
        let part = away(second).map(|fault| fault.part.as_str());
        let stuck = matches!(part, Some("consumer" | "broker" | "backend"));
        let processed =
            if stuck { 0 } else { (waiting + due).min((scenario.load.rate * [1.6, 1.9, 4.0][route as usize]) as u64) };
        waiting = waiting + due - processed;
        let refused = stuck && (part != Some("consumer") || route == Route::HttpPush);
        timeline.push(Second {
            due,
            accepted: if refused { 0 } else { due },
            refused: if refused { due / 4 } else { 0 },
            processed,
            waiting,
            unavailable: if refused { 0.9 + noise(seed + u64::from(second)) * 0.1 } else { 0.0 },
        });
        second += 1;
    }
    let unavailable =
        timeline.iter().map(|second| second.unavailable).sum::<f64>() / f64::from(scenario.load.seconds) * 100.0;
    let most_waiting = timeline.iter().map(|second| second.waiting).max().unwrap_or_default();
    let due: u64 = timeline.iter().map(|second| second.due).sum();
    let base = 1.0 + noise(seed) * 0.2;
    let accepted =
        distribution([2.1, 1.6, 2.9][route as usize] * base, if unavailable > 0.0 { 9000.0 } else { 12.0 }, due);
    let processed =
        distribution([3.2, 14.0, 7.5][route as usize] * base, if most_waiting > 20 { 19_000.0 } else { 30.0 }, due);
    let ended = fault.map_or(0.0, |fault| fault.at + fault.lasts.unwrap_or(0.0));
    let values = BTreeMap::from([
        (Criterion::AcceptedP50, accepted.quantiles[5]),
        (Criterion::AcceptedP99, accepted.quantiles[9]),
        (Criterion::ProcessedP50, processed.quantiles[5]),
        (Criterion::ProcessedP99, processed.quantiles[9]),
        (Criterion::Unavailable, unavailable),
        (Criterion::Lost, 0.0),
        (Criterion::Duplicated, 0.0),
        (Criterion::OutOfOrder, 0.0),
        (Criterion::MostWaiting, most_waiting as f64),
        (Criterion::Recovery, if fault.is_some() { f64::from(second) - ended } else { 0.0 }),
        (Criterion::Cpu, [0.8, 0.9, 1.1][route as usize] * base),
        (Criterion::Memory, [96.0, 104.0, 612.0][route as usize] * base),
        (Criterion::Disk, [410.0, 820.0, 760.0][route as usize]),
        (Criterion::Parts, [2.0, 2.0, 3.0][route as usize]),
        (Criterion::Startup, [0.9, 1.0, 6.1][route as usize] * base),
    ]);
    let mark =
        |fault: &TimedFault| FaultMark { kind: fault.kind.clone(), part: fault.part.clone(), began: fault.at, ended };
    Run {
        route,
        repetition,
        void: Vec::new(),
        values,
        due,
        ledger: Balance {
            emitted: due,
            processed: due,
            duplicates: 3 * u64::from(fault.is_some()),
            ..Balance::default()
        },
        accepted,
        processed,
        lateness: distribution(0.2, 1.5, due),
        hops: [("to the backend", 1.0), ("on the route", 2.0), ("the step", 0.7)]
            .map(|(name, p50)| Hop { name: name.to_owned(), p50_ms: p50 * base, p99_ms: p50 * base * 4.0 })
            .into(),
        refusals: if unavailable > 0.0 { [("503".to_owned(), due / 20)].into() } else { BTreeMap::new() },
        timeline,
        faults: fault.map(mark).into_iter().collect(),
        parts: [("backend", 48.0), ("consumer", 51.0)]
            .map(|(name, memory)| (name.to_owned(), PartUse { cpu_seconds: 2.0 * base, memory_mib: memory }))
            .into(),
        busy_elsewhere: 0.02,
    }
}

/// A distribution around a median, with a tail that ends at the most.
fn distribution(p50: f64, most: f64, count: u64) -> Distribution {
    let at = |percent: f64| match percent {
        ..50.0 => p50 * (0.6 + 0.4 * percent / 50.0),
        ..90.0 => p50 * (1.0 + (percent - 50.0) / 40.0),
        _ => (2.0 * p50).max(most * ((percent - 90.0) / 10.0).powi(3)),
    };
    Distribution { count, quantiles: QUANTILES.map(at).into() }
}
