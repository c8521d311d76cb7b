//! Logs on standard error, metrics in Prometheus' text format.

use std::env;
use std::io::{self, IsTerminal};
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

use crate::config::{Common, LogFormat};

/// Bounds of all histograms of durations, in seconds.
const SECONDS: [f64; 14] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// How often the samples of the histograms are added up. Until then each takes 16 bytes.
const UPKEEP: Duration = Duration::from_secs(1);

/// Starts logging; once a process.
pub fn init(config: &Common) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.log)
        .map_err(|error| anyhow::anyhow!("--log `{}` is not a log filter: {error}", config.log))?;
    // A journal or a file would keep the escapes.
    let colours = io::stderr().is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(colours);
    let started = match config.log_format {
        LogFormat::Text => logs.with_target(false).try_init(),
        LogFormat::Json => logs.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("logging cannot start: {error}"))
}

/// A metric of a service: its name and description.
#[derive(Clone, Copy, Debug)]
pub enum Metric {
    /// A number that only grows.
    Counter(&'static str, &'static str),
    /// A number that goes up and down.
    Gauge(&'static str, &'static str),
    /// Durations in seconds.
    Seconds(&'static str, &'static str),
}

/// Gives the metrics of this process their descriptions.
pub fn describe(described: &[Metric]) {
    metrics();
    for metric in described {
        match *metric {
            Metric::Counter(name, text) => metrics::describe_counter!(name, text),
            Metric::Gauge(name, text) => metrics::describe_gauge!(name, text),
            Metric::Seconds(name, text) => metrics::describe_histogram!(name, metrics::Unit::Seconds, text),
        }
    }
}

/// The metrics of this process; the recorder is installed with the first call.
pub fn metrics() -> &'static PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(|| {
        let builder = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS);
        let recorder = builder
            .map(|builder| builder.build_recorder())
            .unwrap_or_else(|_| PrometheusBuilder::new().build_recorder());
        let handle = recorder.handle();
        add_up(handle.clone());
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::error!("another metrics recorder is installed; /metrics stays empty");
        }
        handle
    })
}

/// Starts the thread that adds up the samples of the histograms, whether /metrics is read or not.
fn add_up(handle: PrometheusHandle) {
    let endless = move || {
        loop {
            thread::sleep(UPKEEP);
            handle.run_upkeep();
        }
    };
    if let Err(error) = thread::Builder::new().name("metrics".to_owned()).spawn(endless) {
        tracing::error!(%error, "no thread adds up the metrics; they take memory until /metrics is read");
    }
}
