//! Kafka's own `ProducerPerformance`, against the same broker as the route kafka.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, ensure};
use runtime::kafka::{Topic, ensure_topics};
use tempfile::NamedTempFile;
use tokio::process::Command;

use super::template::lines;
use crate::run::broker::find_installed;

/// Its topic.
const TOPIC: &str = "bench-producer";
/// How many different events it sends, again and again.
const EVENTS: u64 = 10_000;
/// The seconds before its rate counts: Java compiles its code meanwhile.
const WARM_UP: f64 = 2.0;

/// What it sends.
#[derive(Clone, Copy)]
pub(super) enum Records {
    /// Its own records of 350 random letters, which can hardly be compressed.
    Random,
    /// The JSON of events as the routes carry them, which compresses well.
    Events,
}

impl Records {
    /// Records for a second, about as many as it sends.
    const fn a_second(self) -> f64 {
        match self {
            Self::Random => 120_000.0,
            Self::Events => 500_000.0,
        }
    }
}

/// The program.
pub(super) struct Producer {
    java: PathBuf,
    jars: PathBuf,
}

impl Producer {
    /// Looks for it on this machine.
    pub(super) fn find() -> Option<Self> {
        let installed = find_installed();
        Some(Self { java: installed.java?.0, jars: installed.kafka?.1 })
    }

    /// Sends records for about so many seconds, or for less time where it is faster; returns how many it sent a second.
    pub(super) async fn run(
        &self,
        broker: &str,
        partitions: i32,
        records: Records,
        seconds: f64,
    ) -> anyhow::Result<f64> {
        ensure_topics(broker, &[Topic::new(TOPIC, partitions)]).await?;
        let count = |seconds: f64| ((records.a_second() * seconds) as u64).to_string();
        let payload = NamedTempFile::new()?;
        fs::write(payload.path(), lines(EVENTS))?;
        let mut command = Command::new(&self.java);
        command
            .args(["-Xms256m", "-Xmx512m", "-cp"])
            .arg(self.jars.join("*"))
            .args(["org.apache.kafka.tools.ProducerPerformance", "--topic", TOPIC, "--throughput", "-1"])
            .args(["--num-records", &count(WARM_UP + seconds), "--warmup-records", &count(WARM_UP)])
            .args(["--bootstrap-server", broker, "--command-property"])
            .args(["acks=all", "enable.idempotence=true", "compression.type=lz4"]);
        match records {
            Records::Random => command.args(["--record-size", "350"]),
            Records::Events => command.arg("--payload-file").arg(payload.path()),
        };
        let output = command.process_group(0).kill_on_drop(true).output().await;
        let output = output.context("Kafka's ProducerPerformance cannot be started")?;
        let (text, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        ensure!(output.status.success(), "Kafka's ProducerPerformance failed: {}", errors.trim());
        rate(&text).with_context(|| format!("Kafka's ProducerPerformance printed no rate: {text}"))
    }
}

/// The rate in the last line that has one, which is about the records after the warm-up.
fn rate(text: &str) -> Option<f64> {
    let line = text.lines().rfind(|line| line.contains(" records/sec"))?;
    line.split(" records/sec").next()?.rsplit(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::rate;

    #[test]
    fn the_last_rate_is_that_of_all_records() {
        let text = "\
            300123 records sent, 60024.6 records/sec (20.04 MB/sec), 12.3 ms avg latency, 301.0 ms max latency.\n\
            600000 records sent, 121654.501217 records/sec (40.61 MB/sec), 9.12 ms avg latency, 301.00 ms max latency, \
            5 ms 50th, 30 ms 95th, 90 ms 99th, 250 ms 99.9th.\n\
            360000 steady state records sent, 131654.501217 records/sec (43.95 MB/sec), 8.10 ms avg latency, 90.00 ms max \
            latency, 5 ms 50th, 30 ms 95th, 60 ms 99th, 80 ms 99.9th.\n";
        assert_eq!(rate(text), Some(131_654.501_217));
        assert_eq!(rate("WARN nothing\n"), None);
    }
}
