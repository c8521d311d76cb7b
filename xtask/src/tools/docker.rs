//! The tools for the test of docker-compose.yml: a Docker engine, Compose old and new, and programs for stand-ins.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::apt;
use super::install::Tool;
use crate::workspace::{command, find, output};

const PACKAGES: [&str; 6] = ["docker.io", "docker-compose", "debootstrap", "haproxy", "prometheus", "curl"];
const COMPOSE: &str = "2.40.3";

/// Installs Debian's packages that are not there.
pub(crate) fn ensure() -> Result<()> {
    if !apt::is_available() {
        bail!("compose-test makes its images from Debian's packages, and this is no Debian-like machine");
    }
    apt::install("docker", &PACKAGES).context("compose-test needs a Docker engine")
}

/// Mailpit, from its Go module, without its web page, which needs npm.
pub(crate) fn mailpit(version: &str) -> Result<PathBuf> {
    let about = "builds it from its Go module, about 2 minutes";
    let home = Tool { name: "mailpit", version, about }.ensure(|install| {
        let module = format!("github.com/axllent/mailpit@{version}");
        let mut build = go()?;
        // A program without C runs in any container.
        install.run(build.args(["install", &module]).env("GOBIN", install.dir).env("CGO_ENABLED", "0"))
    })?;
    Ok(home.join("mailpit"))
}

/// Compose as the specification has it, from its Go module.
pub(crate) fn compose_v2() -> Result<PathBuf> {
    let about = "builds it from its Go module, about 3 minutes";
    let home = Tool { name: "docker-compose", version: COMPOSE, about }.ensure(|install| {
        let module = format!("github.com/docker/compose/v2@v{COMPOSE}");
        let json = output(go()?.args(["mod", "download", "-json", &module]).current_dir(install.dir))?;
        let (_, rest) = json.split_once("\"Dir\": \"").context("the output of `go mod download` has no `Dir`")?;
        let (source, _) = rest.split_once('"').context("Go's answer was cut short")?;
        // `go install` does not apply the replacements in its go.mod, so it is built in its own folder.
        let mut build = go()?;
        build.current_dir(source).args(["build", "-mod=readonly", "-o"]).arg(install.dir).arg("./cmd");
        install.run(build.env("CGO_ENABLED", "0"))
    })?;
    Ok(home.join("cmd"))
}

fn go() -> Result<std::process::Command> {
    let go = find("go").context("this needs Go, https://go.dev")?;
    let mut go = command(go);
    go.env("GOFLAGS", "-buildvcs=false");
    Ok(go)
}
