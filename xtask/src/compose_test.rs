//! `cargo xtask compose-test`: tests docker-compose.yml and our Dockerfile on a machine that cannot pull images.
//!
//! Our images are built as they are, on base images made from Debian's packages and this machine's Rust. Debian's
//! packages, under the pinned names, replace the other images. Takes 16 to 27 minutes the first time, later two.

mod checks;
mod compose;
mod engine;
mod stack;
mod stand_ins;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use self::compose::Compose;
use self::engine::Engine;
use self::stack::Stack;
use crate::step::{self, step};
use crate::tools;
use crate::workspace::{output, target_dir};

/// A service of docker-compose.yml for each of our images; each is another target of deploy/Dockerfile.
const OURS: [&str; 5] = ["ingest", "consumer", "mailer", "simulator", "web"];

const PROVEN: &str = "\
Proven: docker-compose.yml is valid for Compose 1.29 and 2, builds our five images, the page in one of them, from
deploy/Dockerfile, and starts with either, in its order, by its health checks, with its users, limits, read-only roots
and networks. Clicks in Chromium come back over all routes and as a mail, also while a backend and while the consumer is
killed. The original example's programs work at the front door. Prometheus fires an alert for killed parts, and for a
killed Kafka and PostgreSQL, and resolves it. Thousands of simulated events are in the ledger to the last one, every
residual is 0 afterwards, and every panel of the dashboard has data. HAProxy's page shows every server up. Kafka and the
front door answer on this machine's ports. With deploy/cluster.env three brokers and a second consumer start; while
clients send, a broker is killed, and the ledger has every event.

Not proven, because no image could be pulled: that the pinned tags exist and take this configuration (stand-ins ran, in
the versions above: HAProxy, PostgreSQL and Prometheus of Debian, Kafka from its jars, Mailpit without its web page), and
Grafana and the Kafka UI, which have no stand-in. The build ran on debootstrap's Debian with this machine's Rust, under
the pinned names, so `rustup target add` found its target there.";

/// Runs everything; the engine and its containers are gone afterwards, the built layers stay for the next time.
pub(crate) fn run() -> Result<()> {
    let place = target_dir()?.join("compose-test");
    fs::create_dir_all(&place).with_context(|| format!("could not make {}", place.display()))?;
    tools::docker()?;
    tools::browser()?;
    let (old, new) = (Compose::debians(), Compose::of_today()?);
    step("configurations", || checks::run(&[&old, &new]))?;
    let engine = step("dockerd", || Engine::start(&place))?;
    step("stand-ins for what cannot be pulled", || stand_ins::make(&engine, &place))?;
    for service in OURS {
        step(&format!("the image of {service}"), || build(&engine, &old, service, &place))?;
    }
    println!("\n{}", output(engine.docker().args(["image", "ls", "--filter", "reference=ese/*"]))?);
    step("the stack starts, by Compose 1.29", || Stack::start(&engine, &old).map(drop))?;
    let stack = step("the stack starts, by Compose 2", || Stack::start(&engine, &new))?;
    step("clicks, and containers that die", || stack.test("visit"))?;
    step("the original example's programs", || stack.test("original"))?;
    step("alerts about missing parts and servers", || stack.test("alerts"))?;
    step("simulated clients", || stack.simulate())?;
    step("the ledger and the metrics", || stack.audit())?;
    drop(stack);
    let stack = step("three brokers and a second consumer, by Compose 2", || Stack::start_cluster(&engine, &new))?;
    step("simulated clients while a broker is killed", || stack.simulate_while_a_broker_dies())?;
    drop(stack);
    drop(engine);
    println!("\n{PROVEN}");
    Ok(())
}

/// Builds like `docker compose build`; Compose 1.29 calls docker for that and does not use its BuildKit by itself.
fn build(engine: &Engine, compose: &Compose, service: &str, place: &Path) -> Result<()> {
    let mut build = engine.at(compose.command());
    // Debian's docker has BuildKit built in; another docker, first on PATH, may need a plugin for it.
    let path = std::env::var("PATH").unwrap_or_default();
    build.env("PATH", format!("/usr/bin:{path}")).env("COMPOSE_DOCKER_CLI_BUILD", "1");
    build.env("BUILDKIT_PROGRESS", "plain").args(["build", service]);
    step::quietly("docker build", &mut build, &place.join("build.log"))
}
