//! Metrics are an output like any other: each one is described, has a unit or counts something, and changes.

use std::collections::{BTreeMap, BTreeSet};

use domain::RouteChoice;
use domain::api::Outcome;
use lab::run::stack::Stack;
use runtime::testing::until;

use crate::Real;
use crate::client::Client;

/// The metrics of a part: the names described, and the samples with their labels.
pub(crate) async fn scrape(stack: &Stack, part: &str) -> (BTreeSet<String>, BTreeMap<String, f64>) {
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
    let real = Real::start(|config| config).await.unwrap();
    let stack = &real.stack;
    let client = Client::new(stack, 1);
    let outcomes = client.wire.send(RouteChoice::All, &client.events(1..=3)).await;
    assert!(outcomes.len() == 9 && outcomes.values().all(|outcome| *outcome == Outcome::Accepted), "{outcomes:?}");

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
            scrape(stack, part).await.1.get(sample) == Some(&expected)
        })
        .await;
    }
    for part in ["backend", "consumer", "mailer"] {
        let (described, samples) = scrape(stack, part).await;
        for sample in samples.keys() {
            let name = sample.split('{').next().unwrap();
            let base = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
            assert!(described.contains(base), "{part}: {name} is not described");
        }
    }
    real.stack.stop().await;
}
