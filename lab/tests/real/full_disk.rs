//! A full disk: the databases of all services lie on a small file system, which something else fills.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;

use domain::api::{EventResult, Outcome};
use domain::{Route, RouteChoice};
use lab::run::stack::{Config, Databases, Stack};
use runtime::testing::{skipped, until};
use tempfile::TempDir;
use tracker::Answer;

use crate::Real;
use crate::client::Client;

/// The size of the file system.
const SIZE: &str = "size=16m";
/// The events of a request: with some requests, more than the free pages of the databases take.
const BATCH: u64 = 200;
/// The most requests on a route until one is refused.
const MOST: u64 = 100;

/// A small file system in memory, until it is dropped.
struct SmallDisk(TempDir);

impl SmallDisk {
    /// None without the right to mount one; a line names the lack.
    fn mount() -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", SIZE, "tmpfs"]).arg(dir.path()).output();
        let mounted = mount.is_ok_and(|mount| mount.status.success());
        if !mounted {
            skipped("a full disk is tested on a small file system, which only root can mount");
        }
        mounted.then_some(Self(dir))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Takes all the space that is left.
    fn fill(&self) {
        let mut filler = File::create(self.path().join("filler")).unwrap();
        while filler.write_all(&[0; 4096]).is_ok() {}
    }

    fn free(&self) {
        fs::remove_file(self.path().join("filler")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("--lazy").arg(self.path()).status());
    }
}

/// Sends batches until one is refused. Returns the last number that was accepted, and the reason of the refusal.
async fn until_refused(client: &Client, route: Route, first: u64) -> (u64, String) {
    for number in (first..).step_by(BATCH as usize).take(MOST as usize) {
        let events = client.events(number..=number + BATCH - 1);
        let answer = client.wire.post(RouteChoice::One(route), serde_json::to_vec(&events).unwrap()).await;
        let results = match answer {
            Answer::Reply(reply) => reply.results,
            Answer::Refused(problem) => {
                assert_eq!(problem.status, 503, "{route}");
                problem.results
            }
            Answer::Unreachable(error) => panic!("{route}: {error}"),
        };
        let reason = |result: &EventResult| match result.routes.get(route) {
            Some(Outcome::Retry { reason, .. }) => Some(reason.clone()),
            Some(Outcome::Accepted | Outcome::Duplicate) => None,
            other => panic!("{route}: {other:?}"),
        };
        let reasons: Vec<Option<String>> = results.iter().map(reason).collect();
        if let Some(reason) = reasons.iter().find_map(Clone::clone) {
            assert!(reasons.iter().all(Option::is_some), "{route}: all or none of one transaction");
            return (number - 1, reason);
        }
    }
    panic!("{route}: the disk is full, and nothing is refused");
}

async fn pids(stack: &Stack) -> Vec<(&'static str, Option<u32>)> {
    stack.parts().view().await.into_iter().map(|part| (part.name, part.pid)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_with_the_reason_loses_nothing_and_needs_no_restart() {
    let Some(disk) = SmallDisk::mount() else { return };
    let on_it = |name: &str| Some(format!("sqlite://{}/{name}.db", disk.path().display()));
    let databases = Databases { backend: on_it("store"), consumer: on_it("consumer"), mailer: on_it("mailer") };
    let real = Real::start(|config| Config { databases, ..config }).await.unwrap();
    let stack = &real.stack;
    let (client, before) = (Client::new(stack, 1), pids(stack).await);
    for route in Route::ALL {
        client.deliver(route, 1..=BATCH).await;
        client.until_processed(route, BATCH).await;
    }
    until("the mails of all routes are there", async || client.mails().await.is_ok_and(|mails| mails.len() == 3)).await;

    disk.fill();
    let (pushed, reason) = until_refused(&client, Route::HttpPush, BATCH + 1).await;
    assert!(reason.contains("SQLite") && reason.contains("full"), "{reason}");
    let (stored, reason) = until_refused(&client, Route::HttpPoll, BATCH + 1).await;
    assert!(reason.contains("SQLite") && reason.contains("full"), "{reason}");
    client.deliver(Route::Kafka, BATCH + 1..=2 * BATCH).await;
    let ledger = client.balance(Route::HttpPush).await.unwrap();
    assert_eq!((ledger.processed, ledger.residual), (pushed, 0), "what is there can be read");

    disk.free();
    client.deliver(Route::HttpPush, pushed + 1..=pushed + BATCH).await;
    client.deliver(Route::HttpPoll, stored + 1..=stored + BATCH).await;
    for (route, last) in
        [(Route::HttpPush, pushed + BATCH), (Route::HttpPoll, stored + BATCH), (Route::Kafka, 2 * BATCH)]
    {
        client.until_processed(route, last).await;
        until("the report is taken", async || client.report(&[route], last).await).await;
        let ledger = client.balance(route).await.unwrap();
        assert_eq!((ledger.lost, ledger.in_flight, ledger.residual), (0, 0, 0), "{route}: {ledger:?}");
    }
    let again = Client::new(stack, 2);
    for route in Route::ALL {
        again.deliver(route, 1..=3).await;
    }
    until("mails go out again", async || again.mails().await.is_ok_and(|mails| mails.len() == 3)).await;
    assert_eq!(pids(stack).await, before, "no part was started again");
    real.stack.stop().await;
}
