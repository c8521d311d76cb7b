//! A stack with stand-ins for the services and librdkafka's mock broker.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lab::run::broker::BrokerChoice;
use lab::run::stack::Config;
use rdkafka::mocking::MockCluster;
use rdkafka::producer::DefaultProducerContext;
use runtime::testing::{until, with_variable};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

pub(crate) const ESE: &str = env!("CARGO_BIN_EXE_ese");
pub(crate) const TIMEOUT: Duration = Duration::from_secs(20);

/// Marks the processes of a bench's `ese up`, with the directory of the bench.
const BENCH: &str = "BENCH";

/// A directory of programs and data, and a broker elsewhere.
pub(crate) struct Bench {
    pub(crate) dir: TempDir,
    cluster: MockCluster<'static, DefaultProducerContext>,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(ESE, dir.path().join("ese")).unwrap();
        for name in ["backend", "consumer", "mailer"] {
            // An inbox answers /readyz and stops on SIGTERM; these tests need no more of a service.
            let inbox = format!("{ESE} inbox --smtp 127.0.0.1:0 --data-dir {name}.data \"$1\" \"$2\"");
            program(&dir.path().join(name), &format!("echo {name} starts \"$@\"; exec {inbox}"));
        }
        Self { dir, cluster: MockCluster::new(1).unwrap() }
    }

    pub(crate) fn config(&self) -> (Config, Arc<Mutex<String>>) {
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
    pub(crate) fn up(&self) -> (Child, String) {
        self.up_with(&[])
    }

    /// The same with these variables in its environment.
    pub(crate) fn up_with(&self, environment: &[(&str, &OsStr)]) -> (Child, String) {
        // Beside the stand-ins it takes them for the services. A symbolic link would lead back to where it was built.
        let ese = self.dir.path().join("bin/ese");
        if !ese.exists() {
            fs::create_dir_all(ese.parent().unwrap()).unwrap();
            fs::hard_link(ESE, &ese).or_else(|_| fs::copy(ESE, &ese).map(drop)).unwrap();
            for name in ["backend", "consumer", "mailer"] {
                fs::copy(self.dir.path().join(name), self.dir.path().join("bin").join(name)).unwrap();
            }
        }
        let mut up = Command::new(ese)
            .args(["up", "--port", "0", "--no-frontend", "--data-dir", "data", "--broker"])
            .arg(self.cluster.bootstrap_servers())
            .current_dir(self.dir.path())
            .env(BENCH, self.dir.path())
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(up.stdout.take().unwrap()).lines().map(Result::unwrap);
        let address = lines.into_iter().find(|line| line.starts_with("http://localhost:")).expect("it came up");
        (up, address)
    }

    /// The commands of the processes of `ese up`: its own, and all that it has started, at any depth.
    pub(crate) fn left_over(&self) -> Vec<String> {
        with_variable(&format!("{BENCH}={}", self.dir.path().display()))
    }
}

pub(crate) fn program(path: &Path, script: &str) {
    fs::write(path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

pub(crate) async fn readyz(address: &str) -> (u16, String) {
    let response = reqwest::get(format!("{address}/readyz")).await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

pub(crate) fn runs(pid: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    !stat.is_empty() && !stat.contains(") Z ")
}

pub(crate) fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap(), signal).unwrap();
}

pub(crate) async fn exit(child: &mut Child) -> ExitStatus {
    let mut status = None;
    until("it ends", async || {
        status = child.try_wait().unwrap();
        status.is_some()
    })
    .await;
    status.unwrap()
}
