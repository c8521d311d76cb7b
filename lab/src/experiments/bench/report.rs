//! The published page, `docs/performance.md`: the table, its history, and the series of loads.

use verdict::results::Machine;

use super::goals::{Goal, ROWS, Row, number};
use super::history::Entry;
use super::results::Results;
use super::table::fields;

/// How many published benchmarks the history shows, the latest.
const SHOWN: usize = 8;

const HEAD: &str = "\
# Performance

<!-- Written by `cargo xtask docs` from docs/performance/results.json and history.json, which `cargo xtask bench` measures. -->

The limits were measured in the same run, in turns with the routes in a random order, with everything on the same processors.
The bare handler is an axum handler that parses the same JSON, gives the same answer, and does nothing else.
A new broker first works for 20 s that are not measured, until Java has compiled its code.
A number of closed loops or of a steady load is the median of its rounds; memory, draining and growing loads are measured once.
At the end of each stack every accepted event was processed, and the ledger counted each once.
The first entry of the history is the state before; its programs were measured by the quick form.
";

const REPEAT: &str = "
## Repeat it

    cargo xtask bench --quick                        # at most four minutes
    cargo xtask bench                                # everything, at most 25 minutes
    cargo xtask bench --against http://127.0.0.1:80  # beside a server of the original example
    cargo xtask bench --ratios                       # only the shares of the bare handler, against this page

Give it the machine alone.
";

/// The page; the first entry of the history is the state before.
pub(super) fn markdown(results: &Results, history: &[Entry]) -> String {
    let before = |key: &str| history.first().and_then(|entry| entry.figures.get(key).copied());
    let now = |key: &str| results.figures.get(key).map(|figure| figure.median);
    let rows: String = ROWS
        .iter()
        .map(|row| {
            let limit = row.limit.and_then(|(key, unit)| Some(format!("{} {unit}", number(now(key)?))));
            let (before, now) = (cell(row, &before), cell(row, &now));
            format!("| {} | {before} | {now} | {} | {} |\n", row.title, limit.unwrap_or_default(), goal(row))
        })
        .collect();
    let [all, waiting] = results.events.map(|events| number(events as f64));
    let left_out: String = results.left_out.iter().map(|sentence| format!("\nLeft out: {sentence}\n")).collect();
    format!(
        "{HEAD}\n| measure | before | now | limit | reach |\n|---|---|---|---|---|\n{rows}\nMemory was measured after {all} events, \
         and {waiting} events waited for the consumer on each route.\n{left_out}{}{}{}{REPEAT}",
        past(history),
        loads(results),
        machine(results)
    )
}

fn target(key: &str) -> &str {
    key.rsplit('/').next().unwrap_or_default()
}

/// The row's figures with their targets; a single one stands alone.
fn cell(row: &Row, value: &dyn Fn(&str) -> Option<f64>) -> String {
    let figure = |key: &&'static str| {
        let value = number(value(key)?);
        Some(if row.keys.len() == 1 { value } else { format!("{} {value}", target(key)) })
    };
    row.keys.iter().filter_map(figure).collect::<Vec<String>>().join(", ")
}

fn goal(row: &Row) -> String {
    let (sign, limits) = match row.goal {
        Goal::AtLeast(limits) => ("≥", limits),
        Goal::AtMost(limits) => ("≤", limits),
        Goal::Open => return String::new(),
    };
    let all_alike = limits.windows(2).all(|pair| pair[0] == pair[1]);
    let shown = if all_alike { &limits[..1] } else { limits };
    shown.iter().map(|limit| format!("{sign} {}", number(*limit))).collect::<Vec<String>>().join(", ")
}

/// Each figure by commit.
fn past(history: &[Entry]) -> String {
    let shown = &history[history.len().saturating_sub(SHOWN)..];
    if shown.is_empty() {
        return String::new();
    }
    let heads: String = shown.iter().map(|entry| format!(" {} ({}) |", entry.commit, entry.date)).collect();
    let line = |key: &&'static str| {
        let values = shown.iter().map(|entry| entry.figures.get(*key).map(|value| number(*value)).unwrap_or_default());
        let values: Vec<String> = values.collect();
        values.iter().any(|value| !value.is_empty()).then(|| format!("| `{key}` | {} |\n", values.join(" | ")))
    };
    let lines: String = ROWS.iter().flat_map(|row| row.keys).filter_map(line).collect();
    format!("\n## History\n\n| figure |{heads}\n|---|{}\n{lines}", "---|".repeat(shown.len()))
}

fn loads(results: &Results) -> String {
    if results.loads.is_empty() {
        return String::new();
    }
    let lines: String = results.loads.iter().map(|point| format!("| {} |\n", fields(point).join(" | "))).collect();
    format!(
        "\n## Accepted against load\n\n![Until accepted, against the load](performance/loads.svg)\n\nSingle events on a schedule that waits for no answer, from 256 clients with one request at a \
         time.\nThe times are from when an event was due until it was accepted. The last load of each route is five times its best \
         goodput: there, most clients still wait for their answer when their next event is due.\n\n\
         | route | offered/s | accepted/s | p50, ms | p99, ms | refused | not sent |\n|---|---|---|---|---|---|---|\n{lines}"
    )
}

fn machine(results: &Results) -> String {
    let Machine { processor, cores, memory_mib, system } = &results.machine;
    let versions: String = results.versions.iter().map(|(name, version)| format!("- {name}: {version}\n")).collect();
    let commit = results.commit.as_deref().unwrap_or("not named");
    format!(
        "\n## Machine and versions\n\n- Processor: {processor}, {cores} cores\n- Memory: {memory_mib} MiB\n- System: {system}\n\
         {versions}- Commit: {commit}\n- Began: {}\n- Command: `{}`\n",
        results.began, results.command
    )
}

#[cfg(test)]
mod tests {
    use super::super::goals::tests::results;
    use super::*;

    #[test]
    fn the_page_has_before_and_now_beside_limit_and_goal() {
        let figures = [("single-share/http-push", 0.6), ("single-share/kafka", 0.5), ("single-rate/bare", 30e3)];
        let before = Entry {
            commit: "before".to_owned(),
            date: "2026-11-28".to_owned(),
            figures: [("single-share/http-push".to_owned(), 0.3)].into(),
        };
        let text = markdown(&results(&figures), &[before]);
        let row = "requests/s as a share of the bare handler's | http-push 0.30 | http-push 0.60, kafka 0.50 | 30,000 requests/s | \
            ≥ 0.55, ≥ 0.50, ≥ 0.45 |\n";
        assert!(text.contains(row), "{text}");
        assert!(text.contains("| `single-share/http-push` | 0.30 |\n"), "{text}");
        assert!(!text.contains("## Accepted against load"), "{text}");
        assert!(text.contains("after 3,000,000 events"), "{text}");
    }
}
