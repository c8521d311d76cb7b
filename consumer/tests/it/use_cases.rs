//! The use cases over HTTP: descriptions, settings, and findings from missing events.

use domain::api::{Sample, UseCaseView};
use domain::{Event, Kind, Route};
use reqwest::StatusCode;
use runtime::testing::until;
use serde_json::{Value, json};

use crate::live::{listen, next};
use crate::support::{Consumer, FakeMailer, event, press};

pub(crate) async fn view(consumer: &Consumer, id: &str) -> UseCaseView {
    consumer.client.get(format!("{}/api/use-cases/{id}", consumer.url)).send().await.unwrap().json().await.unwrap()
}

pub(crate) async fn change(consumer: &Consumer, id: &str, settings: Value) -> (StatusCode, Value) {
    let url = format!("{}/api/use-cases/{id}", consumer.url);
    let answer = consumer.client.patch(url).json(&settings).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

#[tokio::test]
async fn settings_take_effect_at_once_and_survive_a_restart() {
    let mailer = FakeMailer::default();
    let url = mailer.start().await;
    let consumer = Consumer::start(&["--mailer-url", &url]).await;
    let (status, _) = change(&consumer, "steady-clicks", json!({"threshold": 4, "to": "boss@example.com"})).await;
    assert_eq!(status, 200);
    consumer.deliver(&[press(1), press(2), press(3)]).await;
    assert_eq!(view(&consumer, "steady-clicks").await.found, [].into());

    let consumer = Consumer::start_in(consumer.stop().await, &["--mailer-url", &url]).await;
    let found = view(&consumer, "steady-clicks").await;
    assert_eq!(found.about.condition, "4 of them from one IP within 1000 ms, by the client’s clock");
    consumer.deliver(&[press(4)]).await;
    until("the mail is there", async || !mailer.taken.lock().unwrap().is_empty()).await;
    assert_eq!(mailer.taken.lock().unwrap()[0].to, "boss@example.com");
    let found = view(&consumer, "steady-clicks").await;
    assert_eq!(found.found, [(Route::HttpPush, 1)].into());
    assert_eq!(found.results[0].event, press(4).id);
    let lag = &found.lags[Route::HttpPush];
    assert_eq!((lag.producer.events, lag.consumer.events, lag.course.len()), (1, 1, 1));
}

#[tokio::test]
async fn invalid_settings_are_refused_with_the_reason_and_change_nothing() {
    let consumer = Consumer::start(&[]).await;
    let refused = async |id, settings| {
        let (status, problem) = change(&consumer, id, settings).await;
        (status.as_u16(), problem["detail"].as_str().unwrap_or_default().to_owned())
    };
    let both = json!({"window_ms": 500, "threshold": 0});
    let why = "Nothing was changed: `threshold` must be a whole number from 2 to 100 (events).";
    assert_eq!(refused("steady-clicks", both).await, (400, why.to_owned()));
    assert_eq!(refused("steady-clicks", json!([1])).await.0, 400);
    let (status, why) = refused("steady-hands", json!({})).await;
    assert_eq!((status, why.as_str()), (404, "There is no such use case; there are: steady-clicks, stuck-orders."));
    let fields = view(&consumer, "steady-clicks").await.settings;
    let values: Vec<_> = fields.into_iter().map(|field| (field.name, field.value)).collect();
    let expected = [
        ("kind", json!("ese.click-stream.key-press")),
        ("threshold", json!(3)),
        ("window_ms", json!(1000)),
        ("to", json!("operator@example.com")),
    ];
    assert_eq!(values, expected.map(|(name, value)| (name.to_owned(), value)));
}

fn order(sequence: u64, kind: Kind, name: &str) -> Event {
    Event { kind: kind.into(), data: json!({"order": name}).into(), ..event(sequence) }
}

#[tokio::test]
async fn an_order_that_nobody_completes_is_found_once() {
    let mailer = FakeMailer::default();
    let url = mailer.start().await;
    let consumer = Consumer::start(&["--mailer-url", &url]).await;
    consumer
        .deliver(&[
            order(1, Kind::OrderCreated, "A-1"),
            order(2, Kind::OrderCreated, "A-2"),
            // An order that was not created is not waited for.
            order(3, Kind::OrderCompleted, "A-3"),
            order(4, Kind::OrderCompleted, "A-1"),
        ])
        .await;
    until("the mail is there", async || !mailer.taken.lock().unwrap().is_empty()).await;
    // It is decided and forgotten: a restart finds nothing more.
    let consumer = Consumer::start_in(consumer.stop().await, &["--mailer-url", &url]).await;
    until("the finding is counted", async || {
        view(&consumer, "stuck-orders").await.found == [(Route::HttpPush, 1)].into()
    })
    .await;
    let mails = mailer.taken.lock().unwrap().clone();
    assert_eq!(mails.iter().map(|mail| mail.subject.as_str()).collect::<Vec<_>>(), ["Order A-2 is stuck"]);
    let result = &view(&consumer, "stuck-orders").await.results[0];
    assert_eq!(result.activity.ended.millis_since(result.activity.started), 15_000.0);
    let received = order(2, Kind::OrderCreated, "A-2").receivedtime.unwrap();
    assert_eq!(result.due, Some(received.plus_millis(20_000)), "the demanded wait begins when the backend receives it");
}

#[tokio::test]
async fn a_page_gets_a_sample_of_each_route_every_second() {
    let consumer = Consumer::start(&[]).await;
    let mut stream = listen(&consumer, None).await;
    let mut sequence = 0;
    let sample = loop {
        sequence += 1;
        consumer.deliver(&[event(sequence)]).await;
        let sample: Sample = serde_json::from_str(&next(&mut stream, "pulse").await.data).unwrap();
        // The first may be from before the event.
        if sample.routes[Route::HttpPush].rate_out > 0.0 {
            break sample.routes;
        }
        assert!(sequence < 5, "no sample counts the events");
    };
    let push = sample[Route::HttpPush];
    assert_eq!(push.rate_in, Some(push.rate_out));
    assert!(push.hops.in_step.is_some_and(|step| step.p50_ms > 0.0 && step.p50_ms <= step.p99_ms));
    assert_eq!(sample[Route::Kafka].rate_out, 0.0);
}
