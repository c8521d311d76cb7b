//! Metrics are an output like any other: each one is described, has a unit or counts something, and changes.
//!
//! Needs the services' programs beside `ese` (`cargo xtask test` builds them) and a broker to start.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::collections::{BTreeMap, BTreeSet};

use domain::api::BATCH;
use lab::run::stack::{Config, Stack};
use runtime::testing::until;
use serde_json::json;
use uuid::Uuid;

/// The metrics of a part: the names described, and the samples with their labels.
async fn scrape(stack: &Stack, part: &str) -> (BTreeSet<String>, BTreeMap<String, f64>) {
    let address = match part {
        "backend" => stack.upstreams().backend,
        "consumer" => stack.upstreams().consumer,
        _ => stack.upstreams().mailer,
    };
    let text = reqwest::get(format!("http://{address}/metrics")).await.unwrap().text().await.unwrap();
    let described = text.lines().filter_map(|line| line.strip_prefix("# HELP ")?.split(' ').next());
    let samples = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.rsplit_once(' '));
    let samples = samples.map(|(name, value)| (name.to_owned(), value.parse().unwrap()));
    (described.map(str::to_owned).collect(), samples.collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_metric_is_described_and_moves() {
    let data = tempfile::tempdir().unwrap();
    let stack = Stack::start(Config::new(data.path())).await.unwrap();
    let session = Uuid::now_v7();
    let presses: Vec<_> = (1..=3)
        .map(|number| {
            json!({
                "specversion": "1.0", "id": Uuid::now_v7(), "source": format!("/sessions/{session}"),
                "type": "ese.click-stream.key-press", "time": "2026-01-31T12:00:00Z", "sequence": number.to_string()
            })
        })
        .collect();
    let url = format!("{}/api/events?route=all", stack.address());
    let request = reqwest::Client::new().post(url).header("content-type", BATCH).body(json!(presses).to_string());
    assert_eq!(request.send().await.unwrap().status(), 200);

    let moved = [
        ("backend", "ese_ingest_events_total{route=\"kafka\",outcome=\"accepted\"}", 3.0),
        ("backend", "ese_sink_seconds_count{route=\"http-push\"}", 1.0),
        ("consumer", "ese_processed_events_total{route=\"kafka\",seen=\"new\"}", 3.0),
        ("consumer", "ese_route_hop_seconds_count{route=\"http-poll\"}", 3.0),
        ("consumer", "ese_producer_hop_seconds_count{route=\"http-push\"}", 3.0),
        ("consumer", "ese_ledger_events{route=\"http-push\",term=\"processed\"}", 3.0),
        ("consumer", "ese_ledger_residual_events{route=\"kafka\"}", 0.0),
        ("consumer", "ese_consumer_lag_seconds{route=\"kafka\"}", 0.0),
        ("consumer", "ese_alerts_total{use_case=\"steady-clicks\",route=\"http-poll\"}", 1.0),
        ("consumer", "ese_outbox_mails", 0.0),
        ("mailer", "ese_mail_attempts_total{outcome=\"sent\"}", 3.0),
        ("mailer", "ese_mails_waiting", 0.0),
    ];
    for (part, sample, expected) in moved {
        until(&format!("{part}: {sample} is {expected}"), async || {
            scrape(&stack, part).await.1.get(sample) == Some(&expected)
        })
        .await;
    }
    for part in ["backend", "consumer", "mailer"] {
        let (described, samples) = scrape(&stack, part).await;
        for sample in samples.keys() {
            let name = sample.split('{').next().unwrap();
            let base = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
            assert!(described.contains(base), "{part}: {name} is not described");
        }
    }
    stack.stop().await;
}
