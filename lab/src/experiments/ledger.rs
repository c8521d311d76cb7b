//! `ese ledger`: the ledger of a running stack, as a table.

use std::process::ExitCode;

use anyhow::Context;
use domain::api::{LedgerView, MAX_SESSIONS};
use domain::ledger::Balance;
use domain::{ByRoute, SessionId};

use super::access::{self, AccessArgs};
use crate::terminal;

/// The flags of `ese ledger`.
#[derive(Clone, Debug, clap::Args)]
pub struct LedgerArgs {
    /// The stack, or the consumer itself
    #[arg(long, default_value = "http://127.0.0.1:8080", value_name = "URL", value_parser = runtime::config::base_url)]
    pub url: String,
    /// The admin token.
    #[command(flatten)]
    pub access: AccessArgs,
    /// Only this session
    #[arg(long, value_name = "UUID")]
    pub session: Option<SessionId>,
    /// At most so many sessions
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_SESSIONS)))]
    pub limit: u32,
}

/// Prints the identity with its numbers, in events; the exit code is 0 if every residual is 0.
pub async fn run(args: LedgerArgs) -> anyhow::Result<ExitCode> {
    let session = args.session.map(|session| format!("&session={session}")).unwrap_or_default();
    let url = format!("{}/api/ledger?limit={}{session}", args.url, args.limit);
    let client = reqwest::Client::builder().default_headers(args.access.headers()?).build()?;
    let answer =
        client.get(&url).send().await.with_context(|| {
            format!("no stack answers at {}; start one with `ese up`, or name it with --url", args.url)
        })?;
    access::check(answer.status())?;
    let view: LedgerView = answer.error_for_status()?.json().await.context("the answer is not a ledger")?;
    terminal::out(&table(&view));
    let exact = view.routes.values().all(|balance| balance.residual == 0);
    Ok(if exact { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn table(view: &LedgerView) -> String {
    let head = format!(
        "{:<48} {:>8} = {:>9} + {:>8} + {:>6} + {:>9} + {:>6}   {:>8} | {:>10} {:>9}",
        "", "emitted", "processed", "rejected", "shed", "in flight", "lost", "residual", "duplicates", "reordered"
    );
    let mut lines = vec![head];
    lines.extend(view.routes.iter().map(|(route, balance)| line(&format!("all sessions, {route}"), balance)));
    lines.extend(view.sessions.iter().map(|session| {
        let gaps = if session.gaps.is_empty() { String::new() } else { format!("   not there: {}", session.gaps) };
        let closed = match session.balance.refused {
            0 => String::new(),
            refused => format!("   closed for too many gaps, {refused} events refused"),
        };
        line(&format!("{} {}", session.session, session.route), &session.balance) + &gaps + &closed
    }));
    let named = |events: &ByRoute<u64>| {
        let each: Vec<String> = events.iter().map(|(route, events)| format!("{events} on {route}")).collect();
        each.join(", ")
    };
    if !view.pruned.is_empty() {
        lines.push(format!("The sums have ledgers that are kept no more: {}.", named(&view.pruned)));
    }
    if !view.unnumbered.is_empty() {
        lines.push(format!("Besides, events that no session numbered: {}.", named(&view.unnumbered)));
    }
    lines.join("\n")
}

fn line(name: &str, balance: &Balance) -> String {
    let Balance { emitted, processed, rejected, shed, in_flight, lost, duplicates, reordered, residual, .. } = balance;
    format!(
        "{name:<48} {emitted:>8} = {processed:>9} + {rejected:>8} + {shed:>6} + {in_flight:>9} + {lost:>6}   {residual:>8} | {duplicates:>10} {reordered:>9}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_stand_under_their_names() {
        let balance = Balance { emitted: 12, processed: 9, lost: 3, duplicates: 4, ..Balance::default() };
        let unnumbered = [(domain::Route::HttpPoll, 7)].into();
        let (routes, pruned) = ([(domain::Route::Kafka, balance)].into(), [(domain::Route::Kafka, 5)].into());
        let view = LedgerView { routes, unnumbered, pruned, sessions: Vec::new() };
        let table = table(&view);
        let (head, line) = table.split_once('\n').unwrap();
        for (name, number) in [("emitted", "12"), ("processed", "9"), ("lost", "3"), ("duplicates", "4")] {
            let end = head.find(name).unwrap() + name.len();
            assert!(line[..end].ends_with(number), "{name}\n{table}");
        }
        assert!(table.contains("\nThe sums have ledgers that are kept no more: 5 on kafka.\n"), "{table}");
        assert!(table.ends_with("Besides, events that no session numbered: 7 on http-poll."), "{table}");
    }
}
