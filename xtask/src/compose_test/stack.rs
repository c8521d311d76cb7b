//! The containers together: started, used, killed, audited, and removed at the end.

use std::net::TcpListener;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::checks;
use super::compose::Compose;
use super::engine::Engine;
use crate::step;
use crate::workspace::{cargo, command, output, root};

/// The services to start; their dependencies are started, too.
const SERVICES: [&str; 2] = ["consumer", "prometheus"];
/// The same with three brokers and a second consumer, and the variables for it.
const CLUSTER: [&str; 4] = ["consumer", "more-consumers", "kafka-2", "kafka-3"];
const CLUSTER_VARIABLES: &str = "deploy/cluster.env";
/// The broker that is killed, and how long the simulated clients have sent by then.
const VICTIM: &str = "kafka-2";
const BEFORE_THE_KILL: Duration = Duration::from_secs(8);
/// Our services, whose metrics are checked.
const MEASURED: [&str; 4] = ["ingest", "reader", "consumer", "mailer"];
/// The time until all containers must be healthy.
const TIMEOUT: Duration = Duration::from_secs(180);

/// The running containers; gone with their volumes when this is dropped.
pub(super) struct Stack<'a> {
    engine: &'a Engine,
    compose: &'a Compose,
    port: u16,
    /// Whether it has three brokers.
    cluster: bool,
}

impl<'a> Stack<'a> {
    /// Starts the core and Prometheus, and waits until every container is healthy.
    pub(super) fn start(engine: &'a Engine, compose: &'a Compose) -> Result<Self> {
        Self::start_services(engine, compose, false, &SERVICES)
    }

    /// The same with three brokers and a second consumer instead of Prometheus.
    pub(super) fn start_cluster(engine: &'a Engine, compose: &'a Compose) -> Result<Self> {
        Self::start_services(engine, compose, true, &CLUSTER)
    }

    fn start_services(engine: &'a Engine, compose: &'a Compose, cluster: bool, services: &[&str]) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let stack = Self { engine, compose, port, cluster };
        let begun = Instant::now();
        step::run(stack.compose().args(["up", "--detach", "--no-build"]).args(services))?;
        let deadline = begun + TIMEOUT;
        loop {
            let states = output(engine.docker().args(["ps", "--all", "--format", "{{.Names}} {{.Status}}"]))?;
            let waiting: Vec<&str> = states.lines().filter(|line| !line.contains("(healthy)")).collect();
            if waiting.is_empty() {
                println!("{states}\nall healthy after {}", step::human(begun.elapsed()));
                return Ok(stack);
            }
            if Instant::now() > deadline {
                bail!("not healthy after {} s: {}", TIMEOUT.as_secs(), waiting.join(", "));
            }
            thread::sleep(Duration::from_millis(500));
        }
    }

    fn compose(&self) -> Command {
        let mut compose = self.engine.at(self.compose.command());
        if self.cluster {
            compose.arg("--env-file").arg(root().join(CLUSTER_VARIABLES));
        }
        compose.env("ESE_PORT", self.port.to_string());
        compose
    }

    /// The address of the front door, from this machine.
    fn front_address(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// Runs a module of `e2e/tests/compose`.
    pub(super) fn test(&self, module: &str) -> Result<()> {
        let ingest = self.containers("ingest")?;
        let mut test = self.engine.at(cargo());
        test.args(["test", "--package", "e2e", "--test", "compose", &format!("{module}::"), "--"])
            .args(["--ignored", "--nocapture"])
            .env("ESE_COMPOSE_ADDRESS", self.front_address())
            .env("ESE_COMPOSE_BACKEND", format!("http://{}:8080", self.address(&ingest[1])?))
            .env("ESE_COMPOSE_INGEST", &ingest[0])
            .env("ESE_COMPOSE_SECOND_INGEST", &ingest[1])
            .env("ESE_COMPOSE_CONSUMER", &self.containers("consumer")?[0])
            .env("ESE_COMPOSE_KAFKA", &self.containers("kafka")?[0])
            .env("ESE_COMPOSE_POSTGRES", &self.containers("postgres")?[0]);
        step::run(&mut test)
    }

    /// Simulated clients send thousands of events over every route; it fails if one is missing in the ledger.
    pub(super) fn simulate(&self) -> Result<()> {
        step::run(&mut self.simulator())
    }

    fn simulator(&self) -> Command {
        let mut simulate = self.compose();
        simulate.args(["run", "--rm", "--no-deps", "-T", "simulator", "simulate", "--target", "http://haproxy:8080"]);
        simulate.args(["--rate", "200", "--duration", "20"]);
        simulate
    }

    /// The same while one of three brokers is killed: the other two go on.
    pub(super) fn simulate_while_a_broker_dies(&self) -> Result<()> {
        let mut simulating = self.simulator().spawn().context("the simulated clients cannot be started")?;
        thread::sleep(BEFORE_THE_KILL);
        step::run(self.engine.docker().arg("kill").args(self.containers(VICTIM)?))?;
        ensure!(simulating.wait()?.success(), "an event is missing after the death of {VICTIM}");
        Ok(())
    }

    /// The ledger balances, the metrics are well-formed, and Prometheus has data for every query of the dashboard.
    pub(super) fn audit(&self) -> Result<()> {
        let prometheus = "http://127.0.0.1:9090";
        // First, because the queries look at the last minute only.
        let check = root().join("deploy/grafana/dashboard.py");
        step::run(command("python3").arg(check).args(["--against", prometheus, "--data"]))?;
        self.outside(&["ledger", "--url", &self.front_address()]).context("the residual is not 0")?;
        self.outside(&["dlq", "list", "--broker", "localhost:19092"])?;
        for service in MEASURED {
            for container in self.containers(service)? {
                let metrics = checks::get(&format!("http://{}:8080/metrics", self.address(&container)?))?;
                checks::lint(&metrics).with_context(|| format!("the metrics of {service}"))?;
            }
        }
        let targets = checks::get(&format!("{prometheus}/api/v1/query?query=sum(up)"))?;
        // Three backends, consumer, mailer, HAProxy, and itself.
        ensure!(targets.contains("\"7\"]"), "Prometheus does not reach all seven: {targets}");
        checks::statistics("http://127.0.0.1:8404")
    }

    /// Runs `ese` in the network of this machine, against the published ports.
    fn outside(&self, args: &[&str]) -> Result<()> {
        step::run(self.engine.docker().args(["run", "--rm", "--network", "host", "ese/ese"]).args(args))
    }

    /// The ids of a service's containers.
    fn containers(&self, service: &str) -> Result<Vec<String>> {
        let ids = output(self.compose().args(["ps", "--quiet", service]))?;
        ensure!(!ids.is_empty(), "there is no container of {service}");
        Ok(ids.lines().map(str::to_owned).collect())
    }

    /// The address of a container in the stack's network.
    fn address(&self, container: &str) -> Result<String> {
        let format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
        output(self.engine.docker().args(["inspect", "--format", format, container]))
    }
}

impl Drop for Stack<'_> {
    fn drop(&mut self) {
        // The logs explain a failure.
        let logs = self.compose().args(["logs", "--no-color", "--tail", "200"]).output();
        if let (Ok(logs), Ok(target)) = (logs, crate::workspace::target_dir()) {
            std::fs::write(target.join("compose-test/containers.log"), logs.stdout).ok();
        }
        if let Err(error) = step::run(self.compose().args(["down", "--volumes", "--timeout", "20"])) {
            eprintln!("the containers were not removed: {error:#}");
        }
    }
}
