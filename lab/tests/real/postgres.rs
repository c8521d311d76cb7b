//! Everything on a PostgreSQL server of its own.

use std::fs;
use std::time::Duration;

use domain::Route;
use domain::api::Problem;
use domain::api::faults::FaultRequest;
use lab::experiments::wire::Wire;
use lab::run::stack::{Config, DatabaseKind, Stack};
use runtime::testing::until;

use crate::Real;
use crate::client::Client;

#[tokio::test(flavor = "multi_thread")]
async fn two_consumers_share_a_server_that_can_be_killed_and_paused() {
    let postgres = |config: Config| Config { database: DatabaseKind::Postgres, consumers: 2, ..config };
    let Some(real) = Real::start(postgres).await else { return };
    let stack = &real.stack;
    let password = fs::read_to_string(real.data.path().join("postgres/password")).unwrap();
    for part in stack.parts().view().await {
        let arguments = fs::read(format!("/proc/{}/cmdline", part.pid.unwrap())).unwrap();
        assert!(!String::from_utf8_lossy(&arguments).contains(&password), "{} shows the password", part.name);
    }
    let client = Client::new(stack, 1);
    for route in Route::ALL {
        client.deliver(route, 1..=1).await;
        client.until_processed(route, 1).await;
    }
    for (kind, number) in [("kill", 2), ("pause", 4)] {
        let fault = stack.faults().start(FaultRequest::new(kind, "postgres")).await.unwrap();
        for (route, status) in [(Route::HttpPush, 503), (Route::HttpPoll, 503), (Route::Kafka, 200)] {
            assert_eq!(client.post(route, &client.events(number..=number)).await.0, status, "{kind}, {route}");
        }
        for path in ["/api/ledger", "/api/live", "/api/use-cases", "/api/mails", "/api/events", "/events"] {
            let answer = reqwest::get(format!("{}{path}", stack.address())).await.unwrap();
            assert_eq!((answer.status().as_u16(), answer.headers().contains_key("retry-after")), (503, true), "{path}");
            let problem: Problem = answer.json().await.unwrap();
            assert_eq!(problem.dependency.as_deref(), Some("postgres"), "{kind}, {path}: {problem:?}");
        }
        until("the front door names the server and those that are not ready without it", async || {
            let ready = reqwest::get(format!("{}/readyz", stack.address())).await.unwrap().text().await.unwrap();
            ready.contains("\"name\":\"postgres\"") && ready.matches("not ready: PostgreSQL: ").count() == 3
        })
        .await;
        stack.faults().stop(fault.id).await.unwrap();
        stack.until_ready("postgres", Duration::from_secs(60)).await.unwrap();
        for route in Route::ALL {
            client.deliver(route, number + 1..=number + 1).await;
        }
        for part in ["consumer", "consumer-2", "mailer"] {
            stack.until_ready(part, Duration::from_secs(10)).await.unwrap();
        }
    }
    // One, then one during and one after each fault.
    client.until_processed(Route::Kafka, 5).await;
    real.stack.stop().await;

    let stack = Stack::start(real.config.clone()).await.unwrap();
    Client { wire: Wire::new(&stack.address(), None).unwrap(), ..client }.until_processed(Route::Kafka, 5).await;
    stack.stop().await;
    let sqlite = Config { database: DatabaseKind::Sqlite, consumers: 1, ..real.config };
    let refused = Stack::start(sqlite).await.err().unwrap().to_string();
    assert!(refused.contains("give --database postgres") && refused.lines().count() == 1, "{refused}");
}
