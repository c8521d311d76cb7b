//! The configurations, as the programs that read them judge them.

use std::fs;

use anyhow::{Context, Result, ensure};

use super::{compose, compose_file};
use crate::step;
use crate::tools;
use crate::workspace::{command, find, output, root};

/// Compose of 1.29 and, where Go can fetch it, of the specification; HAProxy; Prometheus; the dashboard.
pub(super) fn run() -> Result<()> {
    let profiles = ["--profile", "observability", "--profile", "simulate"];
    step::run(compose().args(profiles).args(["config", "--quiet"]))?;
    println!("docker-compose.yml: valid under Compose 1.29, with all profiles");
    match tools::compose_v2() {
        Ok(program) => {
            let mut config = command(program);
            step::run(config.arg("--file").arg(compose_file()).args(profiles).args(["config", "--quiet"]))?;
            println!("docker-compose.yml: valid under the Compose specification, with all profiles");
        }
        Err(error) => println!("NOT PROVEN: docker-compose.yml under the Compose specification: {error:#}"),
    }
    let deploy = root().join("deploy");
    step::run(command("haproxy").args(["-c", "-q", "-f"]).arg(deploy.join("haproxy/haproxy.cfg")))?;
    let prometheus = deploy.join("prometheus");
    step::run(command("promtool").args(["check", "rules"]).arg(prometheus.join("alerts.yml")))?;
    step::run(command("promtool").args(["test", "rules"]).arg(prometheus.join("alerts.test.yml")))?;
    scrapes()?;
    step::run(command("python3").arg(deploy.join("grafana/dashboard.py")).arg("--check"))
}

/// promtool looks for the rules where the container has them, so it is shown a copy that names ours.
fn scrapes() -> Result<()> {
    let folder = root().join("deploy/prometheus");
    let text = fs::read_to_string(folder.join("prometheus.yml")).context("deploy/prometheus/prometheus.yml")?;
    let there = "/etc/prometheus";
    ensure!(text.contains(there), "prometheus.yml names no rules in {there}");
    let copy = std::env::temp_dir().join(format!("ese-prometheus-{}.yml", std::process::id()));
    fs::write(&copy, text.replace(there, &folder.display().to_string()))?;
    let checked = step::run(command("promtool").args(["check", "config"]).arg(&copy));
    fs::remove_file(&copy)?;
    checked
}

/// What `promtool check metrics` says of a page of metrics; nothing if it is content.
pub(super) fn lint(metrics: &str) -> Result<()> {
    use std::io::Write;
    use std::process::Stdio;
    let promtool = find("promtool").context("there is no promtool")?;
    let mut lint = command(promtool);
    let mut child = lint.args(["check", "metrics"]).stdin(Stdio::piped()).spawn()?;
    let mut input = child.stdin.take().context("promtool has no input")?;
    writeln!(input, "{metrics}")?;
    drop(input);
    ensure!(child.wait()?.success(), "promtool finds fault with the metrics; its words are above");
    Ok(())
}

/// What an address answers, by curl; an error if it is not 2xx.
pub(super) fn get(url: &str) -> Result<String> {
    output(command("curl").args(["--fail-with-body", "--silent", "--show-error", "--max-time", "10", url]))
}
