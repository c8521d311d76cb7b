//! `cargo xtask compose-test`: docker-compose.yml and our Dockerfile, proven as far as a machine can that pulls no images.
//!
//! Our images are built for real, on base images made from Debian's packages and this machine's Rust; what is not ours
//! is stood in for by Debian's packages under the pinned names. Takes half an hour the first time, minutes afterwards.

mod checks;
mod engine;
mod stack;
mod stand_ins;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use self::engine::Engine;
use self::stack::Stack;
use crate::step::{self, step};
use crate::tools;
use crate::workspace::{command, root, target_dir};

/// The targets of deploy/Dockerfile, each an image `ese/<target>`.
const OURS: [&str; 5] = ["backend", "consumer", "mailer", "ese", "web"];

const PROVEN: &str = "\
Proven: docker-compose.yml is valid and starts in its order, by its health checks, with its users, limits, read-only
roots and networks; our five images build from deploy/Dockerfile and run; HAProxy's, Prometheus' and its alerts'
configurations are valid, every query of the dashboard is answered; clicks in Chromium come back over all routes and
as a mail, also while a backend and while the consumer is killed; every residual is 0 afterwards.

Not proven, because no image could be pulled: that the pinned tags exist and take this configuration (stand-ins ran:
Kafka from its jars, PostgreSQL, HAProxy and Prometheus of Debian, Mailpit without its web page), and Grafana and the
Kafka UI, which have no stand-in. The build ran on debootstrap's Debian with this machine's Rust, under the pinned names.";

/// Runs everything; the engine and its containers are gone afterwards, the built layers stay for the next time.
pub(crate) fn run() -> Result<()> {
    let place = target_dir()?.join("compose-test");
    fs::create_dir_all(&place).with_context(|| format!("could not make {}", place.display()))?;
    tools::docker()?;
    tools::browser()?;
    step("configurations", checks::run)?;
    let engine = step("dockerd", || Engine::start(&place))?;
    step("stand-ins for what cannot be pulled", || stand_ins::make(&engine, &place))?;
    for target in OURS {
        step(&format!("image ese/{target}"), || build(&engine, target, &place))?;
    }
    let stack = step("the stack starts", || Stack::start(&engine))?;
    step("clicks, and containers that die", || stack.click())?;
    step("the books and the metrics", || stack.audit())?;
    println!("\n{PROVEN}");
    Ok(())
}

fn build(engine: &Engine, target: &str, place: &std::path::Path) -> Result<()> {
    let mut build = engine.docker();
    build.args(["build", "--progress=plain", "--file", "deploy/Dockerfile", "--target", target]);
    step::quietly("docker build", build.arg("--tag").arg(format!("ese/{target}")).arg("."), &place.join("build.log"))
}

/// docker-compose.yml, as the argument of a program.
fn compose_file() -> PathBuf {
    root().join("docker-compose.yml")
}

/// What Compose 1.29 calls itself in Debian.
fn compose() -> std::process::Command {
    let mut compose = command("docker-compose");
    compose.arg("--file").arg(compose_file()).args(["--project-name", "ese"]);
    compose
}
