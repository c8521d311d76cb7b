//! Plain HTTP: no broker anywhere.

use std::process::Command;
use std::time::{Duration, Instant};

use domain::api::Outcome;
use domain::{Route, RouteChoice};
use lab::run::stack::Config;
use runtime::testing::until;
use tracker::Answer;

use crate::Real;
use crate::client::Client;

#[tokio::test(flavor = "multi_thread")]
async fn without_a_broker_the_http_routes_work_completely_and_kafka_refuses() {
    let real = Real::start(|config| Config { brokers: 0, ..config }).await.unwrap();
    let stack = &real.stack;
    let parts: Vec<&str> = stack.parts().view().await.into_iter().map(|part| part.name).collect();
    assert_eq!(parts, ["inbox", "backend", "mailer", "consumer"]);
    assert!(stack.brokers().is_empty() && !real.data.path().join("broker").exists());
    for fault in stack.faults().descriptions() {
        assert!(!fault.target.contains("broker"), "{fault:?}");
        assert!(fault.expect[Route::Kafka].starts_with("There is no broker"), "{fault:?}");
    }

    let client = Client::new(stack, 1);
    for route in [Route::HttpPush, Route::HttpPoll] {
        assert_eq!(client.send(route, 1..=5).await, 5, "{route}");
        client.until_processed(route, 5).await;
    }
    until("both mails are in the inbox", async || client.mails().await.unwrap().len() == 2).await;

    let body = serde_json::to_vec(&client.events(1..=5)).unwrap();
    let asked = Instant::now();
    let Answer::Refused(problem) = client.wire.post(RouteChoice::One(Route::Kafka), body).await else {
        panic!("it must be refused");
    };
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    assert_eq!((problem.status, problem.results.len()), (503, 5));
    let refused = &problem.results[0].routes[Route::Kafka];
    assert!(matches!(refused, Outcome::Retry { reason, .. } if reason.contains("has no Kafka broker")), "{refused:?}");

    let disk = Command::new(env!("CARGO_BIN_EXE_ese")).args(["disk", "--url", &stack.address()]).output().unwrap();
    let (table, errors) = (String::from_utf8(disk.stdout).unwrap(), String::from_utf8(disk.stderr).unwrap());
    assert!(disk.status.success(), "{table}{errors}");
    for what in
        ["backend: ", "stored-pages ", "consumer: ", "ledgers ", "rule-states ", "alerts ", "mailer: ", "mails "]
    {
        assert!(table.contains(what), "{what} is missing:\n{table}");
    }
    real.stack.stop().await;
}
