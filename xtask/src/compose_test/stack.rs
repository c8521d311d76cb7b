//! The containers together: started, clicked, killed, audited, and gone at the end.

use std::net::TcpListener;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::engine::Engine;
use super::{checks, compose};
use crate::step;
use crate::workspace::{cargo, command, output, root};

/// What is started: all that there are images for.
const SERVICES: [&str; 2] = ["consumer", "prometheus"];
/// Our services, whose metrics are looked at.
const MEASURED: [&str; 4] = ["ingest", "reader", "consumer", "mailer"];
/// How long everything may take to become healthy.
const PATIENCE: Duration = Duration::from_secs(180);

/// The running containers; gone with their volumes when this is dropped.
pub(super) struct Stack<'a> {
    engine: &'a Engine,
    port: u16,
}

impl<'a> Stack<'a> {
    /// Starts the core and Prometheus, and waits until every container is healthy.
    pub(super) fn start(engine: &'a Engine) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let stack = Self { engine, port };
        step::run(stack.compose().args(["up", "--detach", "--no-build"]).args(SERVICES))?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let states = output(engine.docker().args(["ps", "--all", "--format", "{{.Names}} {{.Status}}"]))?;
            let waiting: Vec<&str> = states.lines().filter(|line| !line.contains("(healthy)")).collect();
            if waiting.is_empty() {
                println!("{states}");
                return Ok(stack);
            }
            if Instant::now() > deadline {
                bail!("not healthy after {} s: {}", PATIENCE.as_secs(), waiting.join(", "));
            }
            thread::sleep(Duration::from_millis(500));
        }
    }

    fn compose(&self) -> Command {
        let mut compose = self.engine.at(compose());
        compose.args(["--profile", "observability"]).env("ESE_PORT", self.port.to_string());
        compose
    }

    /// A visitor in Chromium, while containers die.
    pub(super) fn click(&self) -> Result<()> {
        let mut test = self.engine.at(cargo());
        test.args(["test", "--package", "e2e", "--test", "compose", "--", "--ignored", "--nocapture"])
            .env("ESE_COMPOSE_ADDRESS", format!("http://localhost:{}", self.port))
            .env("ESE_COMPOSE_INGEST", "ese_ingest_1")
            .env("ESE_COMPOSE_CONSUMER", "ese_consumer_1");
        step::run(&mut test)
    }

    /// The books balance, the metrics are well-formed, and Prometheus answers every query of the dashboard.
    pub(super) fn audit(&self) -> Result<()> {
        let mut ledger = self.engine.docker();
        ledger.args(["run", "--rm", "--network", "ese_default", "ese/ese", "ledger", "--url", "http://haproxy:8080"]);
        step::run(&mut ledger).context("the residual is not 0")?;
        for service in MEASURED {
            let metrics = checks::get(&format!("http://{}:8080/metrics", self.address(service)?))?;
            checks::lint(&metrics).with_context(|| format!("the metrics of {service}"))?;
        }
        let prometheus = "http://127.0.0.1:9090";
        let targets = checks::get(&format!("{prometheus}/api/v1/query?query=sum(up)"))?;
        // Three backends, consumer, mailer, HAProxy, and itself.
        ensure!(targets.contains("\"7\"]"), "Prometheus does not reach all seven: {targets}");
        let check = root().join("deploy/grafana/dashboard.py");
        step::run(command("python3").arg(check).args(["--against", prometheus]))
    }

    /// The address of a service's first container.
    fn address(&self, service: &str) -> Result<String> {
        let format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
        output(self.engine.docker().args(["inspect", "--format", format, &format!("ese_{service}_1")]))
    }
}

impl Drop for Stack<'_> {
    fn drop(&mut self) {
        // What they said is worth most when something went wrong.
        let logs = self.compose().args(["logs", "--no-color", "--tail", "200"]).output();
        if let (Ok(logs), Ok(target)) = (logs, crate::workspace::target_dir()) {
            std::fs::write(target.join("compose-test/containers.log"), logs.stdout).ok();
        }
        if let Err(error) = step::run(self.compose().args(["down", "--volumes", "--timeout", "20"])) {
            eprintln!("the containers were not removed: {error:#}");
        }
    }
}
