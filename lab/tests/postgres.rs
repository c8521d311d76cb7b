//! The real stack on a PostgreSQL server of its own. Needs the services' programs beside `ese` and a broker to start.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::time::{Duration, Instant};

use domain::Route;
use domain::api::faults::FaultRequest;
use lab::run::stack::{Config, DatabaseKind, Stack, StartError};
use serde_json::{Value, json};

const TIMEOUT: Duration = Duration::from_secs(60);

/// Sends one event; returns the status.
async fn send(stack: &Stack, route: Route) -> u16 {
    let event = json!({
        "event": {"type": "CLICK_STREAM_EVENT", "sub_type": "KEY_PRESS_EVENT"}, "timestamp": 1_769_860_800_000_i64,
        "ip": "10.0.0.7", "data": {}
    });
    let url = format!("{}/events?route={}", stack.address(), route.name());
    let client = reqwest::Client::new();
    client.post(url).json(&json!({"events": [event]})).send().await.unwrap().status().as_u16()
}

async fn until_accepted(stack: &Stack, route: Route) {
    let deadline = Instant::now() + TIMEOUT;
    while send(stack, route).await != 201 {
        assert!(Instant::now() < deadline, "{route:?} does not accept events");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Waits until the ledger has at least so many events.
async fn until_processed(stack: &Stack, route: Route, events: u64) {
    let deadline = Instant::now() + TIMEOUT;
    let mut ledger = Value::Null;
    while ledger["unnumbered"][route.name()].as_u64() < Some(events) {
        assert!(Instant::now() < deadline, "{route:?}: {ledger}");
        tokio::time::sleep(Duration::from_millis(50)).await;
        let answer = reqwest::get(format!("{}/api/ledger", stack.address())).await.unwrap();
        ledger = answer.json().await.unwrap_or_default();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_consumers_share_a_server_that_can_be_killed_and_paused() {
    let data = tempfile::Builder::new().permissions(open()).tempdir().unwrap();
    let config = Config { database: DatabaseKind::Postgres, consumers: 2, ..Config::new(data.path()) };
    let stack = match Stack::start(config.clone()).await {
        Err(StartError::Postgres(lab::run::postgres::PostgresError::NotInstalled)) => {
            eprintln!("SKIPPED: {}", lab::run::postgres::PostgresError::NotInstalled);
            return;
        }
        stack => stack.unwrap(),
    };
    let password = fs::read_to_string(data.path().join("postgres/password")).unwrap();
    for part in stack.parts().view().await {
        let arguments = fs::read(format!("/proc/{}/cmdline", part.pid.unwrap())).unwrap();
        assert!(!String::from_utf8_lossy(&arguments).contains(&password), "{} shows the password", part.name);
    }
    for route in Route::ALL {
        until_accepted(&stack, route).await;
        until_processed(&stack, route, 1).await;
    }
    for kind in ["kill", "pause"] {
        let request = FaultRequest { kind: kind.to_owned(), target: "postgres".to_owned(), ..FaultRequest::default() };
        let fault = stack.faults().start(request).await.unwrap();
        assert_eq!(send(&stack, Route::HttpPush).await, 503, "{kind}");
        assert_eq!(send(&stack, Route::HttpPoll).await, 503, "{kind}");
        assert_eq!(send(&stack, Route::Kafka).await, 201, "{kind}");
        stack.faults().stop(fault.id).await.unwrap();
        stack.until_ready("postgres", TIMEOUT).await.unwrap();
        for route in Route::ALL {
            until_accepted(&stack, route).await;
        }
    }
    // One, then one during and one after each fault.
    until_processed(&stack, Route::Kafka, 5).await;
    stack.stop().await;

    let stack = Stack::start(config.clone()).await.unwrap();
    until_processed(&stack, Route::Kafka, 5).await;
    stack.stop().await;
    let sqlite = Config { database: DatabaseKind::Sqlite, consumers: 1, ..config };
    let refused = Stack::start(sqlite).await.err().unwrap().to_string();
    assert!(refused.contains("give --database postgres") && refused.lines().count() == 1, "{refused}");
}

/// The user postgres must be able to open the data directory.
fn open() -> fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o755)
}
