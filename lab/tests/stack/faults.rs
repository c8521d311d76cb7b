//! Faults of `ese up` over HTTP: wrong requests, and the ends that nobody asks for.

use std::net::TcpStream;
use std::process::Child;

use domain::api::Problem;
use domain::api::faults::{ActiveFault, FAULT_TOKEN, FaultRequest, FaultsView};
use reqwest::{Client, Method, RequestBuilder};
use runtime::testing::until;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::bench::{Bench, exit, runs, signal};

/// The faults of a running `ese up`.
struct Faults {
    up: Child,
    address: String,
    token: String,
}

impl Faults {
    async fn up(bench: &Bench) -> Self {
        let (up, address) = bench.up();
        let view: FaultsView = reqwest::get(format!("{address}/api/faults")).await.unwrap().json().await.unwrap();
        assert_eq!(view.active, []);
        Self { up, address, token: view.token }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}/api/faults{path}", self.address);
        Client::new().request(method, url).header(FAULT_TOKEN, &self.token)
    }

    async fn start(&self, request: &Value) -> Result<ActiveFault, Problem> {
        let answer = self.request(Method::POST, "").json(request).send().await.unwrap();
        if answer.status() == 201 { Ok(answer.json().await.unwrap()) } else { Err(answer.json().await.unwrap()) }
    }

    async fn started(&self, kind: &str, target: &str) -> ActiveFault {
        self.start(&serde_json::to_value(FaultRequest::new(kind, target)).unwrap()).await.unwrap()
    }

    /// The kinds and targets of the active faults.
    async fn active(&self) -> Vec<String> {
        let view: FaultsView = self.request(Method::GET, "").send().await.unwrap().json().await.unwrap();
        view.active.into_iter().map(|fault| format!("{} {}", fault.kind, fault.target)).collect()
    }

    /// The process of a part, if it runs.
    async fn pid(&self, part: &str) -> Option<i32> {
        let parts: Value = reqwest::get(format!("{}/api/parts", self.address)).await.unwrap().json().await.unwrap();
        let part = parts.as_array().unwrap().iter().find(|view| view["name"] == part).unwrap().clone();
        part["pid"].as_i64().map(|pid| pid as i32)
    }
}

impl Drop for Faults {
    fn drop(&mut self) {
        // A test that fails leaves no process; after one that passes it has ended already.
        drop(self.up.kill());
    }
}

/// Whether a process is stopped by a signal.
fn is_stopped(pid: i32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| stat.contains(") T "))
}

/// A signal reaches a process a moment after it was sent.
async fn until_stopped(pid: i32) {
    until("the process is stopped", async || is_stopped(pid)).await;
}

/// The loopback ports on which a process listens.
fn listening(pid: i32) -> Vec<u16> {
    let fds = std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap().flatten();
    let sockets: Vec<String> =
        fds.filter_map(|fd| std::fs::read_link(fd.path()).ok()).map(|link| link.display().to_string()).collect();
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let rows = table.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    let own = rows.filter(|row| row[3] == "0A" && sockets.contains(&format!("socket:[{}]", row[9])));
    own.map(|row| u16::from_str_radix(row[1].split_once(':').unwrap().1, 16).unwrap()).collect()
}

#[tokio::test]
async fn a_wrong_request_starts_nothing_and_names_its_error() {
    let bench = Bench::new();
    let mut faults = Faults::up(&bench).await;
    let no_fault = "There is no fault";
    let kill_for = |seconds: u32| json!({"kind": "kill", "target": "backend", "seconds": seconds});
    let latency = |name: &str, number: u32| json!({"kind": "latency", "target": "backend-consumer", "parameters": {name: number}});
    for (request, status, detail) in [
        (json!({"kind": "burn", "target": "backend"}), 404, no_fault),
        (json!({"kind": "kill", "target": "nobody"}), 404, no_fault),
        (json!({"kind": "kill", "target": "broker"}), 404, no_fault),
        (json!({"kind": "cut", "target": "backend"}), 404, no_fault),
        (json!({"kind": "stop", "target": "backend"}), 404, no_fault),
        (json!({"kind": "kill"}), 422, "missing field `target`"),
        (json!({"kind": "kill", "target": "backend", "now": true}), 422, "unknown field `now`"),
        (latency("speed", 7), 400, "The fault `latency` has no parameter `speed`."),
        (latency("latency_ms", 0), 400, "`latency_ms` must be a whole number from 1 to 1000."),
        (latency("latency_ms", 1_001), 400, "`latency_ms` must be a whole number from 1 to 1000."),
        (kill_for(0), 400, "`seconds` must be a whole number from 1 to 3600."),
        (kill_for(3_601), 400, "`seconds` must be a whole number from 1 to 3600."),
    ] {
        let problem = faults.start(&request).await.unwrap_err();
        assert!(problem.status == status && problem.detail.contains(detail), "{request}: {problem:?}");
        assert_eq!(faults.active().await, Vec::<String>::new(), "{request}");
    }
    let before = (faults.pid("backend").await.unwrap(), listening(faults.up.id() as i32).len());
    assert_eq!(before.1, 1, "the front door alone");

    let pause = faults.started("pause", "backend").await;
    for (request, detail) in [
        (json!({"kind": "pause", "target": "backend"}), "is active already, as number 1"),
        (latency("latency_ms", 5), "`backend` is paused"),
    ] {
        let problem = faults.start(&request).await.unwrap_err();
        assert!(problem.status == 409 && problem.detail.contains(detail), "{request}: {problem:?}");
    }
    assert_eq!(faults.active().await, ["pause backend"]);
    until_stopped(before.0).await;
    assert_eq!(listening(faults.up.id() as i32).len(), 1, "no proxy was opened");
    assert_eq!(faults.request(Method::DELETE, &format!("/{}", pause.id)).send().await.unwrap().status(), 204);
    assert_eq!(faults.request(Method::DELETE, &format!("/{}", pause.id)).send().await.unwrap().status(), 404);

    faults.started("kill", "consumer").await;
    let problem = faults.start(&json!({"kind": "pause", "target": "consumer"})).await.unwrap_err();
    assert!(problem.status == 409 && problem.detail == "`consumer` is down already.", "{problem:?}");
    assert_eq!(faults.active().await, ["kill consumer"]);
    assert_eq!(faults.pid("backend").await, Some(before.0), "the same process as before");
    signal(&faults.up, Signal::TERM);
    exit(&mut faults.up).await;
}

#[tokio::test]
async fn a_fault_ends_after_its_seconds_and_all_faults_end_together() {
    let bench = Bench::new();
    let mut faults = Faults::up(&bench).await;
    let (consumer, mailer) = (faults.pid("consumer").await.unwrap(), faults.pid("mailer").await.unwrap());
    let short = json!({"kind": "pause", "target": "consumer", "seconds": 1});
    let fault = faults.start(&short).await.unwrap();
    assert_eq!(fault.until, Some(fault.since.plus_millis(1_000)));
    until_stopped(consumer).await;
    until("the pause ends by itself", async || runs(consumer) && !is_stopped(consumer)).await;
    assert_eq!(faults.active().await, Vec::<String>::new());

    faults.started("pause", "mailer").await;
    faults.started("kill", "consumer").await;
    faults.started("cut", "backend-consumer").await;
    faults.started("mail-later", "inbox").await;
    until_stopped(mailer).await;
    assert_eq!(faults.pid("consumer").await, None);
    assert_eq!(faults.request(Method::DELETE, "").send().await.unwrap().status(), 204);
    assert_eq!(faults.active().await, Vec::<String>::new());
    until("the mailer goes on", async || !is_stopped(mailer)).await;
    assert!(faults.pid("consumer").await.is_some());
    // A paused consumer goes on in order to stop.
    let consumer = faults.pid("consumer").await.unwrap();
    faults.started("pause", "consumer").await;
    until_stopped(consumer).await;
    faults.started("stop", "consumer").await;
    assert_eq!((faults.active().await, faults.pid("consumer").await), (vec!["stop consumer".to_owned()], None));
    assert_eq!(faults.request(Method::DELETE, "").send().await.unwrap().status(), 204);
    assert!(faults.pid("consumer").await.is_some_and(|pid| pid != consumer));
    // A part that died by itself is started, too.
    let backend = faults.pid("backend").await.unwrap();
    kill_process(Pid::from_raw(backend).unwrap(), Signal::KILL).unwrap();
    until("the backend is down", async || faults.pid("backend").await.is_none()).await;
    assert_eq!(faults.request(Method::DELETE, "").send().await.unwrap().status(), 204);
    assert!(faults.pid("backend").await.is_some_and(|pid| pid != backend));
    let inbox = std::fs::read_to_string(bench.dir.path().join("data/faults/inbox.applied")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&inbox).unwrap()["mail_reply"], 0);
    signal(&faults.up, Signal::TERM);
    exit(&mut faults.up).await;
}

#[tokio::test]
async fn up_stops_with_a_paused_part_a_killed_part_and_a_cut_connection() {
    let bench = Bench::new();
    let mut faults = Faults::up(&bench).await;
    for (kind, target) in [("cut", "backend-consumer"), ("pause", "mailer"), ("kill", "consumer")] {
        faults.started(kind, target).await;
    }
    let paused = faults.pid("mailer").await.unwrap();
    let ports = listening(faults.up.id() as i32);
    until_stopped(paused).await;
    assert_eq!(ports.len(), 2, "the front door and the proxy: {ports:?}");
    assert!(bench.left_over().len() > 3, "ese up itself, the inbox and two services: {:?}", bench.left_over());
    signal(&faults.up, Signal::TERM);
    assert_eq!(exit(&mut faults.up).await.code(), Some(0));
    assert_eq!(bench.left_over(), Vec::<String>::new());
    assert!(ports.iter().all(|port| TcpStream::connect(("127.0.0.1", *port)).is_err()), "{ports:?}");
}

#[tokio::test]
async fn the_faults_of_an_up_that_was_killed_are_gone_at_the_next_start() {
    if std::process::Command::new("setpriv").arg("--version").output().is_err() {
        runtime::testing::skipped("there is no setpriv (util-linux) on this machine");
        return;
    }
    let bench = Bench::new();
    let mut faults = Faults::up(&bench).await;
    faults.started("mail-refused", "inbox").await;
    faults.started("pause", "consumer").await;
    let paused = faults.pid("consumer").await.unwrap();
    let file = bench.dir.path().join("data/faults/inbox.json");
    until_stopped(paused).await;
    assert!(file.exists());
    assert!(bench.left_over().len() > 4, "{:?}", bench.left_over());
    signal(&faults.up, Signal::KILL);
    exit(&mut faults.up).await;
    until("all processes are gone, the paused one as well", async || bench.left_over().is_empty()).await;

    let mut faults = Faults::up(&bench).await;
    assert!(!file.exists(), "the file of faults is removed");
    assert_eq!(reqwest::get(format!("{}/readyz", faults.address)).await.unwrap().status(), 200);
    signal(&faults.up, Signal::TERM);
    exit(&mut faults.up).await;
}
