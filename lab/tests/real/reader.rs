//! A second, independent reader that starts late.

use std::time::Duration;

use domain::Route;
use domain::api::faults::FaultRequest;
use domain::api::{LedgerView, Page};
use lab::experiments::wire::Wire;
use lab::run::stack::{Config, Reader};
use runtime::testing::until;
use sqlx::{AnyConnection, Connection};

use crate::Real;
use crate::client::Client;

/// Long enough for the reader to come, short enough to wait for the end.
const STORE_TTL: Duration = Duration::from_secs(20);

/// How many events it has processed, in the order of `Route::ALL`.
async fn processed(reader: &Reader) -> [u64; 3] {
    let wire = Wire::new(&format!("http://{}", reader.address()), None).unwrap();
    let view: LedgerView = wire.get("/api/ledger?limit=1").await.unwrap();
    Route::ALL.map(|route| view.routes.get(route).map_or(0, |balance| balance.processed))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_reader_gets_the_earlier_events_and_has_no_effect_on_the_stack() {
    sqlx::any::install_default_drivers();
    let real = Real::start(|config| Config { store_ttl: Some(STORE_TTL), ..config }).await.unwrap();
    let stack = &real.stack;
    let client = Client::new(stack, 1);
    for route in Route::ALL {
        client.deliver(route, 1..=3).await;
        client.until_processed(route, 3).await;
    }
    let consumer = stack.faults().start(FaultRequest::new("stop", "consumer")).await.unwrap();
    for route in [Route::HttpPoll, Route::Kafka] {
        client.deliver(route, 4..=8).await;
    }
    let reader = stack.start_reader().await.unwrap();
    until("it has all events that are kept", async || processed(&reader).await == [0, 8, 8]).await;
    assert!(stack.parts().view().await.iter().all(|part| part.name != "second-reader"));

    // The reader has acknowledged nothing: what the consumer has not read expires unread.
    let page = async || client.wire.get::<Page>("/api/events?limit=1").await.unwrap();
    assert_eq!(page().await.expired, 0, "nothing has expired yet");
    until("the store expires its events", async || {
        let page = page().await;
        page.events.is_empty() && page.expired == 5
    })
    .await;
    // The consumer has its own place in the log.
    stack.faults().stop(consumer.id).await.unwrap();
    client.until_processed(Route::Kafka, 8).await;
    let mails = async || client.mails().await.unwrap().len();
    until("there is a mail for each route", async || mails().await == 3).await;

    // It goes on where it was.
    reader.stop().await;
    client.deliver(Route::Kafka, 9..=9).await;
    let reader = stack.start_reader().await.unwrap();
    until("it has the new event", async || processed(&reader).await[2] == 9).await;
    reader.stop().await;
    assert_eq!(mails().await, 3, "the reader sends none");
    real.stack.stop().await;
    let database = format!("sqlite://{}", real.data.path().join("second-reader.db").display());
    let mut database = AnyConnection::connect(&database).await.unwrap();
    let (kept,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM outbox").fetch_one(&mut database).await.unwrap();
    assert_eq!(kept, 2, "its mails stay in its outbox");
}
