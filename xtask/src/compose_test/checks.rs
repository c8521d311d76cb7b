//! Checks of the configurations by the programs that read them.

use std::fs;

use anyhow::{Context, Result, ensure};

use super::compose::Compose;
use crate::step;
use crate::workspace::{command, find, output, root};

/// Checks Compose, old and new; HAProxy; Prometheus; the dashboard.
pub(super) fn run(composes: &[&Compose]) -> Result<()> {
    for compose in composes {
        step::run(compose.command().args(["config", "--quiet"]))?;
        println!("docker-compose.yml: valid under {}, with all profiles", compose.name);
    }
    let deploy = root().join("deploy");
    step::run(command("haproxy").args(["-c", "-q", "-f"]).arg(deploy.join("haproxy/haproxy.cfg")))?;
    let prometheus = deploy.join("prometheus");
    step::run(command("promtool").args(["check", "rules"]).arg(prometheus.join("alerts.yml")))?;
    step::run(command("promtool").args(["test", "rules"]).arg(prometheus.join("alerts.test.yml")))?;
    scrapes()?;
    step::run(command("python3").arg(deploy.join("grafana/dashboard.py")).arg("--check"))
}

/// promtool looks for the rules at their path in the container, so it gets a copy with our path.
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

/// Runs `promtool check metrics` on a page of metrics.
pub(super) fn lint(metrics: &str) -> Result<()> {
    use std::io::Write;
    use std::process::Stdio;
    let promtool = find("promtool").context("there is no promtool")?;
    let mut lint = command(promtool);
    let mut child = lint.args(["check", "metrics"]).stdin(Stdio::piped()).spawn()?;
    let mut input = child.stdin.take().context("promtool has no input")?;
    writeln!(input, "{metrics}")?;
    drop(input);
    ensure!(child.wait()?.success(), "promtool finds faults in the metrics; its output is above");
    Ok(())
}

/// The answer of an address, by curl; an error if it is not 2xx.
pub(super) fn get(url: &str) -> Result<String> {
    output(command("curl").args(["--fail-with-body", "--silent", "--show-error", "--max-time", "10", url]))
}

/// Checks that HAProxy's statistics page shows every server up.
pub(super) fn statistics(address: &str) -> Result<()> {
    ensure!(get(&format!("{address}/"))?.contains("Statistics Report"), "HAProxy's statistics are another page");
    let table = get(&format!("{address}/;csv"))?;
    let up = |line: &&str| line.contains(",UP,") && !line.contains(",BACKEND,");
    let servers: Vec<&str> = table.lines().filter(up).filter_map(|line| line.split(',').nth(1)).collect();
    println!("HAProxy has up: {}", servers.join(", "));
    // Two backends for events, reader, consumer, mailer, web.
    ensure!(servers.len() == 6, "these are not all six");
    Ok(())
}
