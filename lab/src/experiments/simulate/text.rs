//! Progress and summary for people.

use domain::api::simulation::{Phase, Progress, Summary, Times};

/// One line.
pub(super) fn progress(progress: &Progress) -> String {
    let phase = match progress.phase {
        Phase::Emitting => format!("{:.0} of {} s", progress.elapsed_seconds, progress.parameters.seconds),
        Phase::Settling => format!("{:.0} s, settling", progress.elapsed_seconds),
    };
    let mut line = format!("{phase} | {} events", progress.created);
    for (route, sent) in progress.routes.iter() {
        line += &format!(" | {route} {} accepted", sent.accepted);
        for (count, word) in [(sent.waiting, "waiting"), (sent.shed, "shed"), (sent.rejected, "rejected")] {
            if count > 0 {
                line += &format!(", {count} {word}");
            }
        }
    }
    line
}

/// The summary, as a table and a verdict.
pub(super) fn summary(summary: &Summary) -> String {
    let Summary { parameters, created, emitting_seconds, .. } = summary;
    let seed = parameters.seed.unwrap_or_default();
    let stopped = if summary.stopped { ", stopped early" } else { "" };
    let mut lines = vec![
        format!(
            "{created} events in {emitting_seconds:.1} s{stopped} ({:.0}/s), {} clients, {}, {}, seed {seed}",
            *created as f64 / emitting_seconds.max(0.001),
            parameters.clients,
            parameters.shape,
            parameters.route,
        ),
        format!(
            "of them {} bursts of key presses, and {} orders left incomplete: for the rules to find on each route",
            summary.bursts, summary.orders_left
        ),
        format!("events came to be late by   {}", times(summary.lateness)),
        format!("in the clients' own queues  {}, from due until first sent", times(summary.queued)),
    ];
    lines.push(format!(
        "\n{:<9} {:>8} {:>8} {:>8} {:>8} {:>8}",
        "clients", "emitted", "accepted", "rejected", "shed", "waiting"
    ));
    for (route, sent) in summary.routes.iter() {
        lines.push(format!(
            "{:<9} {:>8} {:>8} {:>8} {:>8} {:>8}",
            route.name(),
            sent.emitted,
            sent.accepted,
            sent.rejected,
            sent.shed,
            sent.waiting
        ));
    }
    lines.push(String::from("\nfrom first sent"));
    for (route, sent) in summary.routes.iter() {
        lines.push(format!("{:<9} until accepted   {}", route.name(), times(sent.until_accepted)));
        lines.push(format!("{:<9} until processed  {}", "", times(sent.until_processed)));
    }
    lines.push(format!(
        "\n{:<9} {:>8} = {:>9} + {:>8} + {:>6} + {:>9} + {:>6}   {:>8}",
        "ledger", "emitted", "processed", "rejected", "shed", "in flight", "lost", "residual"
    ));
    for (route, balance) in summary.ledger.iter() {
        lines.push(format!(
            "{:<9} {:>8} = {:>9} + {:>8} + {:>6} + {:>9} + {:>6}   {:>8}",
            route.name(),
            balance.emitted,
            balance.processed,
            balance.rejected,
            balance.shed,
            balance.in_flight,
            balance.lost,
            balance.residual
        ));
    }
    lines.push(match summary.failures.as_slice() {
        [] => format!("\nThe ledger is exact, {:.1} s after the last event.", summary.settling_seconds),
        failures => format!(
            "\nThe ledger is NOT complete and exact, {:.1} s after the last event:\n  {}",
            summary.settling_seconds,
            failures.join("\n  ")
        ),
    });
    lines.join("\n")
}

fn times(times: Option<Times>) -> String {
    let Some(Times { p50_ms, p99_ms, p999_ms, max_ms }) = times else { return "–".to_owned() };
    format!("p50 {p50_ms:.1} ms, p99 {p99_ms:.1} ms, p99.9 {p999_ms:.1} ms, longest {max_ms:.1} ms")
}
