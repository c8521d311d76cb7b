//! The rows of the published table: the figures of each, the limit beside them, and their goals.

use std::collections::BTreeMap;

use super::results::Results;

/// The goal of a row.
#[derive(Clone, Copy, Debug)]
pub(super) enum Goal {
    /// At least so much, for each figure.
    AtLeast(&'static [f64]),
    /// At most so much, for each figure.
    AtMost(&'static [f64]),
    /// It is only shown.
    Open,
}

/// A row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) title: &'static str,
    /// The keys of its figures.
    pub(super) keys: &'static [&'static str],
    /// A figure of the same run that no system exceeds, and its unit.
    pub(super) limit: Option<(&'static str, &'static str)>,
    pub(super) goal: Goal,
}

/// The table.
pub(super) static ROWS: [Row; 15] = [
    Row {
        title: "single events, 64 connections: requests/s as a share of the bare handler's",
        keys: &["single-share/http-push", "single-share/http-poll", "single-share/kafka"],
        limit: Some(("single-rate/bare", "requests/s")),
        goal: Goal::AtLeast(&[0.55, 0.5, 0.45]),
    },
    Row {
        title: "backend's CPU for one of them, µs",
        keys: &["single-cpu-backend/http-push", "single-cpu-backend/http-poll", "single-cpu-backend/kafka"],
        limit: Some(("single-cpu-handler/bare", "µs")),
        goal: Goal::AtMost(&[42.0, 45.0, 45.0]),
    },
    Row {
        title: "generator's CPU for one of them, µs",
        keys: &["single-cpu-generator/http-push", "single-cpu-generator/http-poll", "single-cpu-generator/kafka"],
        limit: Some(("single-cpu-generator/bare", "µs")),
        goal: Goal::Open,
    },
    Row {
        title: "batches of 100: backend's CPU an event, µs",
        keys: &["batch-cpu-backend/http-push", "batch-cpu-backend/http-poll", "batch-cpu-backend/kafka"],
        limit: Some(("batch-cpu-handler/bare", "µs")),
        goal: Goal::AtMost(&[4.0, 5.0, 6.0]),
    },
    Row {
        title: "batches of 100: consumer's CPU an event that no use case wants, µs",
        keys: &["batch-cpu-consumer/http-push", "batch-cpu-consumer/http-poll", "batch-cpu-consumer/kafka"],
        limit: None,
        goal: Goal::AtMost(&[4.0, 4.0, 4.0]),
    },
    Row {
        title: "batches of 100: events/s until processed",
        keys: &["batch-processed-rate/http-push", "batch-processed-rate/http-poll", "batch-processed-rate/kafka"],
        limit: Some(("batch-rate/bare", "events/s")),
        goal: Goal::Open,
    },
    Row {
        title: "kafka, batches of 100: events/s as a share of Kafka's own `ProducerPerformance` with 350 random letters",
        keys: &["batch-of-producer/kafka"],
        limit: Some(("producer-rate/kafka", "records/s")),
        goal: Goal::AtLeast(&[0.8]),
    },
    Row {
        title: "the same, where `ProducerPerformance` sends the same events",
        keys: &["batch-of-producer-of-events/kafka"],
        limit: Some(("producer-of-events-rate/kafka", "records/s")),
        goal: Goal::Open,
    },
    Row {
        title: "`POST /event` as a ratio to the original example's own server",
        keys: &["seed-ratio/http-poll", "seed-ratio/kafka"],
        limit: Some(("seed-ratio/bare", "times")),
        goal: Goal::AtLeast(&[2.5, 2.0]),
    },
    Row {
        title: "processed p99 at 1,000 single events/s as a ratio to a bare producer and consumer",
        keys: &["processed-ratio/http-push", "processed-ratio/http-poll", "processed-ratio/kafka"],
        limit: Some(("processed-p99/bare", "ms")),
        goal: Goal::AtMost(&[1.3, 1.3, 1.3]),
    },
    Row {
        title: "consumer draining events that waited, events/s",
        keys: &["drain-rate/http-poll", "drain-rate/kafka"],
        limit: None,
        goal: Goal::AtLeast(&[60_000.0, 60_000.0]),
    },
    Row {
        title: "resident memory of backend and consumer, MiB: after a third of all events, two thirds, all",
        keys: &["memory/third", "memory/two-thirds", "memory/end"],
        limit: None,
        goal: Goal::AtMost(&[100.0, 100.0, 100.0]),
    },
    Row {
        title: "goodput at five times the knee as a share of its peak",
        keys: &["goodput-kept/http-push", "goodput-kept/http-poll", "goodput-kept/kafka"],
        limit: None,
        goal: Goal::AtLeast(&[0.95, 0.95, 0.95]),
    },
    Row {
        title: "over PostgreSQL, single events: share of the bare handler's",
        keys: &["postgres-single-share/http-push", "postgres-single-share/http-poll", "postgres-single-share/kafka"],
        limit: Some(("postgres-single-rate/bare", "requests/s")),
        goal: Goal::Open,
    },
    Row {
        title: "over PostgreSQL, batches of 100: events/s",
        keys: &["postgres-batch-rate/http-push", "postgres-batch-rate/http-poll", "postgres-batch-rate/kafka"],
        limit: Some(("postgres-batch-rate/bare", "events/s")),
        goal: Goal::Open,
    },
];

/// The medians of the figures of all rows.
pub(super) fn medians(results: &Results) -> BTreeMap<String, f64> {
    let keys = ROWS.iter().flat_map(|row| row.keys);
    keys.filter_map(|key| Some(((*key).to_owned(), results.figures.get(*key)?.median))).collect()
}

/// A number to three digits.
pub(super) fn number(value: f64) -> String {
    match value.abs() {
        1000.0.. => {
            let digits = format!("{value:.0}");
            let (first, rest) = digits.split_at((digits.len() - 1) % 3 + 1);
            rest.as_bytes()
                .chunks(3)
                .fold(first.to_owned(), |text, three| text + "," + &*String::from_utf8_lossy(three))
        }
        100.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// A sentence for each watched ratio, of the first row, that is less than two thirds of the published one, or that one of
/// the results lacks.
pub(super) fn losses(now: &Results, published: &Results) -> Vec<String> {
    let loss = |key: &&str| {
        let (Some(now), Some(before)) = (now.figures.get(*key), published.figures.get(*key)) else {
            return Some(format!("{key} cannot be compared: one of the results lacks it."));
        };
        let (now, before) = (now.median, before.median);
        let text = || format!("{key} is {}, and {} was published: a third of it is lost.", number(now), number(before));
        (now < before * 2.0 / 3.0).then(text)
    };
    ROWS[0].keys.iter().filter_map(loss).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeSet;

    use super::super::results::{Figure, VERSION};
    use super::*;

    /// Results with these medians and nothing else.
    pub(in super::super) fn results(medians: &[(&str, f64)]) -> Results {
        let figure = |&(key, median): &(&str, f64)| (key.to_owned(), Figure::from(vec![median]));
        Results {
            version: VERSION,
            began: "2026-12-01T10:00:00Z".to_owned(),
            commit: Some("abc1234".to_owned()),
            command: "ese bench --seed 7".to_owned(),
            full: true,
            events: [3_000_000, 1_000_000],
            machine: verdict::results::Machine::default(),
            versions: BTreeMap::new(),
            left_out: Vec::new(),
            figures: medians.iter().map(figure).collect(),
            loads: Vec::new(),
        }
    }

    #[test]
    fn each_figure_has_one_row_and_one_goal() {
        let keys: Vec<&str> = ROWS.iter().flat_map(|row| row.keys.iter().copied()).collect();
        assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len());
        for row in &ROWS {
            if let Goal::AtLeast(goal) | Goal::AtMost(goal) = row.goal {
                assert_eq!(goal.len(), row.keys.len(), "{}", row.title);
            }
        }
    }

    #[test]
    fn only_a_third_is_a_loss() {
        let shares = |push, kafka| {
            let keys = ["single-share/http-push", "single-share/http-poll", "single-share/kafka"];
            results(&[(keys[0], push), (keys[1], 0.5), (keys[2], kafka)])
        };
        let published = shares(0.6, 0.45);
        assert_eq!(losses(&shares(0.41, 0.45), &published), Vec::<String>::new());
        let loss = "single-share/http-push is 0.39, and 0.60 was published: a third of it is lost.";
        assert_eq!(losses(&shares(0.39, 0.5), &published), [loss]);
        assert_eq!(losses(&results(&[]), &published).len(), 3, "nothing compared is no success");
    }

    #[test]
    fn numbers_have_three_digits_and_groups() {
        let numbers = [0.304, 12.34, 123.4, 999.9, 1234.0, 29_000.4, 1_234_567.0].map(number);
        assert_eq!(numbers, ["0.30", "12.3", "123", "1000", "1,234", "29,000", "1,234,567"]);
    }
}
