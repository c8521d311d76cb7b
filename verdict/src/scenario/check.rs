//! The bounds of a scenario: those of each field, and those between fields.

mod faults;

use domain::api::simulation::Shape;

use super::problem::{Found, Problem, are_distinct};
use super::{
    BURST_FACTOR, CLIENTS, CONSUMERS, Database, EVENT_BYTES, EVENTS_OF_A_REQUEST, Load, Prediction, RATE, SECONDS,
    STORE_TTL_SECONDS, Scenario, Stack,
};
use crate::Criterion;

/// The longest name and question, in characters.
const NAME: usize = 40;
const QUESTION: usize = 300;
/// The longest lesson.
const LESSON_WORDS: usize = 120;
const LESSON: usize = 1_000;

/// Everything that is out of bounds.
pub(super) fn problems(scenario: &Scenario) -> Vec<Problem> {
    let mut found = Found(Vec::new());
    texts(&mut found, scenario);
    load(&mut found, &scenario.load);
    stack(&mut found, &scenario.stack);
    faults::check(&mut found, scenario);
    let seconds = f64::from(scenario.load.seconds);
    if let Some(reader) = &scenario.second_reader {
        found.number("second_reader.at", reader.at, 0.0..=seconds, "seconds: it starts within the load");
    }
    predictions(&mut found, scenario);
    found.0
}

fn texts(found: &mut Found, Scenario { name, question, lesson, .. }: &Scenario) {
    let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_name = name.bytes().all(known) && name.starts_with(|first: char| first.is_ascii_lowercase());
    let rule = format!("must have 1 to {NAME} lower-case letters, digits and hyphens, a letter first");
    found.require(is_name && name.len() <= NAME, "name", rule);
    let (characters, words) = (|text: &str| text.chars().count(), lesson.split_whitespace().count());
    let rule = format!("must have 1 to {QUESTION} characters, not {}", characters(question));
    found.require((1..=QUESTION).contains(&characters(question)), "question", rule);
    let rule = format!("must have 1 to {LESSON_WORDS} words, not {words}");
    found.require((1..=LESSON_WORDS).contains(&words), "lesson", rule);
    let rule = format!("must have at most {LESSON} characters, not {}", characters(lesson));
    found.require(characters(lesson) <= LESSON, "lesson", rule);
}

fn load(found: &mut Found, load: &Load) {
    found.number("load.rate", load.rate, RATE, "events a second");
    found.number("load.burst_factor", load.burst_factor, BURST_FACTOR, "times `load.rate`");
    let highest = if load.shape == Shape::Burst { load.rate * load.burst_factor } else { load.rate };
    let most = *RATE.end();
    let rule = format!("makes {highest} events a second in a burst; at most {most} are made");
    let alone = RATE.contains(&load.rate) && BURST_FACTOR.contains(&load.burst_factor);
    found.require(!alone || highest <= most, "load.burst_factor", rule);
    found.number("load.clients", load.clients, CLIENTS, "clients");
    found.number("load.hot_key_share", load.hot_key_share, 0.0..=1.0, "(a share of all events)");
    found.number("load.batch", load.batch, EVENTS_OF_A_REQUEST, "events a request");
    found.number("load.event_bytes", load.event_bytes, EVENT_BYTES, "bytes");
    found.number("load.seconds", load.seconds, SECONDS, "seconds");
}

fn stack(found: &mut Found, stack: &Stack) {
    let rule = format!("must be 1 or 3, not {}", stack.brokers);
    found.require(matches!(stack.brokers, 1 | 3), "stack.brokers", rule);
    found.number("stack.consumers", u32::from(stack.consumers), CONSUMERS, "consumers");
    let shared = stack.consumers <= 1 || stack.database == Database::Postgres;
    found.require(shared, "stack.consumers", "above 1 needs `stack.database` = \"postgres\"");
    found.number("stack.store_ttl_seconds", stack.store_ttl_seconds, STORE_TTL_SECONDS, "seconds");
}

fn predictions(found: &mut Found, scenario: &Scenario) {
    for (criterion, prediction) in &scenario.predict {
        let path = format!("predict.{}", criterion.name());
        if let Prediction::Best(routes) = prediction {
            let text = "must be \"same\" or a list of one or two routes, each once";
            found.require(matches!(routes.len(), 1 | 2) && are_distinct(routes), &*path, text);
        }
        let missing = match criterion {
            Criterion::MissedHistory if scenario.second_reader.is_none() => "needs a [second_reader]",
            Criterion::Recovery if scenario.faults.is_empty() => "needs a [[fault]]",
            _ => continue,
        };
        found.require(false, path, missing);
    }
}
