//! The stack and `ese up`, with stand-ins for the services and librdkafka's mock broker.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use lab::run::broker::BrokerChoice;
use lab::run::stack::{Config, Stack};
use rdkafka::mocking::MockCluster;
use rdkafka::producer::DefaultProducerContext;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

const ESE: &str = env!("CARGO_BIN_EXE_ese");
const TIMEOUT: Duration = Duration::from_secs(20);

/// A directory of programs and data, and a broker elsewhere.
struct Bench {
    dir: TempDir,
    cluster: MockCluster<'static, DefaultProducerContext>,
}

impl Bench {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(ESE, dir.path().join("ese")).unwrap();
        for name in ["backend", "consumer", "mailer"] {
            // An inbox answers /readyz and stops on SIGTERM; these tests need no more of a service.
            let inbox = format!("{ESE} inbox --smtp 127.0.0.1:0 --data-dir {name}.data \"$1\" \"$2\"");
            program(&dir.path().join(name), &format!("echo {name} starts \"$@\"; exec {inbox}"));
        }
        Self { dir, cluster: MockCluster::new(1).unwrap() }
    }

    fn config(&self) -> (Config, Arc<Mutex<String>>) {
        let output = Arc::new(Mutex::new(String::new()));
        let sink = output.clone();
        let config = Config {
            broker: BrokerChoice::Address(self.cluster.bootstrap_servers()),
            programs: self.dir.path().to_owned(),
            progress: Arc::new(move |text| *sink.lock().unwrap() += &format!("{text}\n")),
            ..Config::new(self.dir.path().join("data"))
        };
        (config, output)
    }

    /// `ese up` as its own process, up when this returns; its address comes last.
    fn up(&self) -> (Child, String) {
        // Beside the stand-ins it takes them for the services. A symbolic link would lead back to where it was built.
        let ese = self.dir.path().join("bin/ese");
        fs::create_dir_all(ese.parent().unwrap()).unwrap();
        fs::hard_link(ESE, &ese).or_else(|_| fs::copy(ESE, &ese).map(drop)).unwrap();
        for name in ["backend", "consumer", "mailer"] {
            fs::copy(self.dir.path().join(name), self.dir.path().join("bin").join(name)).unwrap();
        }
        let mut up = Command::new(ese)
            .args(["up", "--port", "0", "--no-frontend", "--data-dir", "data", "--broker"])
            .arg(self.cluster.bootstrap_servers())
            .current_dir(self.dir.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(up.stdout.take().unwrap()).lines().map(Result::unwrap);
        let address = lines.into_iter().find(|line| line.starts_with("http://localhost:")).expect("it came up");
        (up, address)
    }
}

fn program(path: &Path, script: &str) {
    fs::write(path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

async fn readyz(address: &str) -> (u16, String) {
    let response = reqwest::get(format!("{address}/readyz")).await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

fn pids(parts: &serde_json::Value) -> Vec<i32> {
    parts.as_array().unwrap().iter().filter_map(|part| part["pid"].as_i64()).map(|pid| pid as i32).collect()
}

fn runs(pid: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    !stat.is_empty() && !stat.contains(") Z ")
}

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap(), signal).unwrap();
}

async fn until(what: &str, mut met: impl FnMut() -> bool) {
    let deadline = Instant::now() + TIMEOUT;
    while !met() {
        assert!(Instant::now() < deadline, "in vain: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn exit(mut child: Child) -> ExitStatus {
    let mut status = None;
    until("it ends", || {
        status = child.try_wait().unwrap();
        status.is_some()
    })
    .await;
    status.unwrap()
}

#[tokio::test]
async fn a_part_is_killed_missed_and_restarted() {
    let bench = Bench::new();
    let (config, output) = bench.config();
    let stack = Stack::start(config.clone()).await.unwrap();
    let (status, answer) = readyz(&stack.address()).await;
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    assert_eq!((status, answer), (200, serde_json::json!({"ready": true, "down": []})));
    let taken = Stack::start(config.clone()).await.err().unwrap().to_string();
    assert!(taken.contains("another `ese` uses the data directory"), "{taken}");

    stack.kill("consumer").await.unwrap();
    let (status, why) = readyz(&stack.address()).await;
    assert_eq!(status, 503);
    assert!(
        why.contains("\"name\":\"consumer\"") && why.contains("SIGKILL") && why.contains("consumer starts"),
        "{why}"
    );
    stack.restart("consumer").await.unwrap();
    stack.until_ready("consumer", TIMEOUT).await.unwrap();
    assert_eq!(readyz(&stack.address()).await.0, 200);
    assert!(stack.kill("broker").await.unwrap_err().to_string().contains("was not started here"));
    assert!(stack.restart("nobody").await.unwrap_err().to_string().contains("no part `nobody`"));

    stack.stop().await;
    let output = output.lock().unwrap().clone();
    let order: Vec<usize> = ["backend  stopped", "consumer stopped", "mailer   stopped", "inbox    stopped"]
        .map(|t| output.find(t).unwrap())
        .into();
    assert!(order.is_sorted(), "{output}");
    assert!(!output.contains("died"), "{output}");
    Stack::start(config).await.unwrap().stop().await;
}

#[tokio::test]
async fn the_parts_own_ports_are_closed_to_web_pages_and_share_a_new_secret() {
    let bench = Bench::new();
    let (config, _) = bench.config();
    let secret = config.data_dir.join("peer-token");
    fs::create_dir(&config.data_dir).unwrap();
    fs::write(&secret, "of an earlier start").unwrap();
    let stack = Stack::start(config.clone()).await.unwrap();
    assert!(!secret.exists(), "the services make a new one, which their stand-ins do not");
    let flag =
        format!("--peer-token-file {}", fs::canonicalize(&config.data_dir).unwrap().join("peer-token").display());
    for name in ["backend", "consumer", "mailer"] {
        let log = fs::read_to_string(config.data_dir.join(format!("logs/{name}.log"))).unwrap();
        assert!(log.contains(&flag), "{log}");
    }
    let inbox = format!("http://{}/api/inbox", stack.upstreams().inbox);
    let named = reqwest::Client::new().get(&inbox).header("host", "evil.example").send().await.unwrap();
    assert_eq!(named.status(), 421);
    let sent = reqwest::Client::new().post(&inbox).header("origin", "https://evil.example").send().await.unwrap();
    assert_eq!(sent.status(), 403);
    assert_eq!(reqwest::get(&inbox).await.unwrap().status(), 200);
    stack.stop().await;
}

#[tokio::test]
async fn a_part_that_dies_at_the_start_stops_the_others_and_is_named() {
    let bench = Bench::new();
    let (config, output) = bench.config();
    program(&bench.dir.path().join("mailer"), "echo there is no table; exit 7");
    let error = Stack::start(config).await.err().unwrap().to_string();
    assert!(error.starts_with("mailer ended with exit status: 7 before it was ready:\nthere is no table"), "{error}");
    assert!(output.lock().unwrap().contains("inbox    stopped"));
}

#[tokio::test]
async fn up_stops_its_children_on_sigterm() {
    let bench = Bench::new();
    let (up, address) = bench.up();
    let parts = reqwest::get(format!("{address}/api/parts")).await.unwrap().json().await.unwrap();
    let pids = pids(&parts);
    assert_eq!(pids.len(), 4);
    signal(&up, Signal::TERM);
    assert_eq!(exit(up).await.code(), Some(0));
    assert!(!pids.into_iter().any(runs));
}

#[tokio::test]
async fn the_children_die_when_up_is_killed() {
    if Command::new("setpriv").arg("--version").output().is_err() {
        eprintln!("SKIPPED: there is no setpriv (util-linux) on this machine");
        return;
    }
    let bench = Bench::new();
    let (up, address) = bench.up();
    let parts = reqwest::get(format!("{address}/api/parts")).await.unwrap().json().await.unwrap();
    let pids = pids(&parts);
    signal(&up, Signal::KILL);
    exit(up).await;
    until("its children are gone", || !pids.iter().any(|pid| runs(*pid))).await;
}

#[tokio::test]
async fn a_bad_command_line_is_one_line_of_error() {
    let ese = |args: &[&str]| {
        let output = Command::new(ESE).args(args).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, output) = ese(&["up", "--broker", "rabbit"]);
    assert!(code == 64 && output.contains("give auto, apache, nisshi or HOST:PORT"), "{code} {output}");
    let (code, output) = ese(&["up", "--database-url-consumer", "mysql://x"]);
    assert!(code == 64 && output.contains("sqlite:///path"), "{code} {output}");
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().to_str().unwrap();
    let (code, output) = ese(&["up", "--dist", "/nowhere", "--data-dir", data]);
    assert!(code == 1 && output.contains("cargo xtask page"), "{code} {output}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (code, output) = ese(&["up", "--no-frontend", "--data-dir", data, "--port", &port]);
    assert_eq!((code, output.lines().count()), (1, 1), "{output}");
    assert!(output.contains(&format!("port {port} on 127.0.0.1 is taken")), "{output}");
}

#[tokio::test]
async fn several_consumers_share_one_database_and_only_the_first_has_a_name_in_the_group() {
    let bench = Bench::new();
    let (mut config, output) = bench.config();
    config.consumers = 3;
    let refused = Stack::start(config.clone()).await.err().unwrap().to_string();
    assert!(refused.starts_with("3 consumers cannot share a SQLite file"), "{refused}");

    config.databases.consumer = Some("postgres://nobody@127.0.0.1:9/books".to_owned());
    let inbox = format!("{ESE} inbox --smtp 127.0.0.1:0 --data-dir data-$$ \"$1\" \"$2\"");
    program(&bench.dir.path().join("consumer"), &format!("echo \"$ESE_DATABASE_URL $*\" >> arguments; exec {inbox}"));
    let stack = Stack::start(config).await.unwrap();
    let parts: Vec<&str> = stack.parts().view().await.into_iter().map(|part| part.name).collect();
    assert_eq!(&parts[4..], ["consumer", "consumer-2", "consumer-3"]);
    let arguments = fs::read_to_string(bench.dir.path().join("data/arguments")).unwrap();
    let with = |argument| arguments.lines().filter(|line| line.contains(argument)).count();
    assert_eq!((with("postgres://nobody@127.0.0.1:9/books --listen"), with("--kafka-instance")), (3, 1));
    stack.stop().await;
    assert!(output.lock().unwrap().contains("consumer-3 stopped"));
}
