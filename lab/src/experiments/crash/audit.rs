//! The audit: the clients' journals against the consumer's ledger and the inbox.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::{Duration, Instant};

use domain::api::InboxMail;
use domain::mail_request::MailStatus;
use domain::{Intervals, Route};

use super::client::Record;
use super::kill_schedule::KillLog;
use crate::experiments::wire::Wire;

/// The audit ends after this time without a new mail. A mail claimed by a killed mailer waits twelve seconds until the
/// claim expires.
const QUIET: Duration = Duration::from_secs(14);

/// The result of a crash test.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The seed of the run.
    pub seed: u64,
    /// How often each part was killed.
    pub kills: BTreeMap<String, u32>,
    /// How often a consumer left its group properly and came back.
    pub leaves: u32,
    /// For each route: events accepted, and arrivals that were duplicates.
    pub routes: BTreeMap<Route, (u64, u64)>,
    /// Mails that the rules must have requested.
    pub mails: u64,
    /// Mails that came twice because a try was cut off: SMTP leaves open whether it succeeded.
    pub doubled_by_smtp: u64,
    /// The failures; empty if the ledger is exact.
    pub failures: Vec<String>,
}

/// Waits until everything has arrived, at most for `timeout`, and compares.
pub(super) async fn audit(
    front: &str,
    seed: u64,
    log: KillLog,
    records: &[Record],
    timeout: Duration,
) -> anyhow::Result<Report> {
    let mut report = Report { seed, leaves: log.leaves, ..Report::default() };
    for part in log.kills {
        *report.kills.entry(part.to_owned()).or_default() += 1;
    }
    let (wire, deadline) = (Wire::new(front, None)?, Instant::now() + timeout);
    for record in records {
        check_ledger(&wire, record, deadline, &mut report).await?;
    }
    check_mails(&wire, records, deadline, &mut report).await?;
    Ok(report)
}

async fn check_ledger(wire: &Wire, record: &Record, deadline: Instant, report: &mut Report) -> anyhow::Result<()> {
    let view = loop {
        let view = wire.ledger(record.session).await?;
        let done = |route: &Route| {
            let of_route = view.sessions.iter().find(|session| session.route == *route);
            of_route.is_some_and(|session| session.balance.processed == record.emitted)
        };
        if record.choice.routes().iter().all(done) || Instant::now() > deadline {
            break view;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    for route in record.choice.routes() {
        let accepted = record.accepted.get(route).cloned().unwrap_or_default();
        let Some(session) = view.sessions.iter().find(|session| session.route == *route) else {
            report.failures.push(format!(
                "{} on {route}: {} accepted, and the ledger has no such session",
                record.session,
                accepted.len()
            ));
            continue;
        };
        let balance = session.balance;
        let (events, duplicates) = report.routes.entry(*route).or_default();
        *events += accepted.len();
        *duplicates += balance.duplicates;
        let everything: Intervals = (1..=record.emitted).collect();
        let missing = accepted.minus(&everything.minus(&session.gaps));
        let mut fail = |what: String| report.failures.push(format!("{} on {route}: {what}", record.session));
        if !missing.is_empty() {
            fail(format!("accepted and lost: {missing}"));
        }
        if balance.processed != accepted.len() {
            fail(format!("{} accepted, {} processed", accepted.len(), balance.processed));
        }
        if balance.residual != 0 || balance.lost != 0 {
            fail(format!("residual {}, lost {}", balance.residual, balance.lost));
        }
    }
    Ok(())
}

/// Three quick presses make exactly one mail on each route. A lost or doubled event in a rule changes that number.
async fn check_mails(wire: &Wire, records: &[Record], deadline: Instant, report: &mut Report) -> anyhow::Result<()> {
    let expected = |record: &Record| record.triples * record.choice.routes().len() as u64;
    report.mails = records.iter().map(expected).sum();
    let mut last_seen = (0, Instant::now());
    let mails = loop {
        let mails: Vec<InboxMail> = wire.get("/api/inbox").await?;
        let different: BTreeSet<&str> = mails.iter().map(|mail| mail.message_id.as_str()).collect();
        let quiet = mails.len() == last_seen.0 && last_seen.1.elapsed() > QUIET;
        if mails.len() != last_seen.0 {
            last_seen = (mails.len(), Instant::now());
        }
        // A superfluous mail may still come after the last one that is due.
        if (different.len() as u64 >= report.mails && quiet) || Instant::now() > deadline {
            break mails;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    for record in records {
        for route in record.choice.routes() {
            let (key, on) = (format!("Steady clicks from {}", record.ip), format!("route: {route}"));
            let of_client = mails.iter().filter(|mail| mail.subject == key && mail.text.contains(&on));
            let ids: BTreeSet<&str> = of_client.map(|mail| mail.message_id.as_str()).collect();
            if ids.len() as u64 != record.triples {
                let what = format!("{} alerts due, {} mails came", record.triples, ids.len());
                report.failures.push(format!("{} on {route}: {what}", record.session));
            }
        }
    }
    let mut times: BTreeMap<&str, u64> = BTreeMap::new();
    mails.iter().for_each(|mail| *times.entry(&mail.message_id).or_default() += 1);
    for (message_id, times) in times.into_iter().filter(|&(_, times)| times > 1) {
        let id = message_id.split('@').next().unwrap_or_default();
        let status: Vec<MailStatus> = wire.get(&format!("/api/mails?id={id}")).await?;
        // Only a try that was cut off may have been made twice, and each such try once.
        let cut_off = status.first().map_or(0, |status| u64::from(status.interrupted));
        if times - 1 <= cut_off {
            report.doubled_by_smtp += times - 1;
        } else {
            report.failures.push(format!("mail {id} came {times} times, and {cut_off} tries were cut off"));
        }
    }
    Ok(())
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kills: Vec<String> = self.kills.iter().map(|(part, kills)| format!("{part} {kills}")).collect();
        writeln!(f, "seed {}, {} kills ({})", self.seed, self.kills.values().sum::<u32>(), kills.join(", "))?;
        if self.leaves > 0 {
            writeln!(f, "consumers left their group and came back {} times", self.leaves)?;
        }
        for (route, (events, duplicates)) in &self.routes {
            writeln!(
                f,
                "{:<10} {events:>7} events accepted, {duplicates:>6} duplicate arrivals without effect",
                route.name()
            )?;
        }
        writeln!(
            f,
            "mails      {:>7} due, {:>6} doubled by a cut-off SMTP conversation",
            self.mails, self.doubled_by_smtp
        )?;
        for failure in &self.failures {
            writeln!(f, "FAILED     {failure}")?;
        }
        write!(f, "{}", if self.failures.is_empty() { "The ledger is exact." } else { "The ledger is NOT exact." })
    }
}
