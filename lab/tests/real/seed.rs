//! The original example's programs against the whole stack: every address and every topic, through the front door.

use domain::Route;
use lab::experiments::wire::Wire;
use lab::run::stack::Config;
use reqwest::Response;
use runtime::testing::until;
use serde_json::{Value, json};

use crate::Real;

struct Programs {
    http: reqwest::Client,
    address: String,
    wire: Wire,
}

impl Programs {
    async fn post(&self, path: &str, content_type: &str, body: Value) -> Response {
        let request = self.http.post(format!("{}{path}", self.address)).header("content-type", content_type);
        // As the seed's page has it, which is served from another port of this machine.
        request.header("origin", "http://localhost:3006").body(body.to_string()).send().await.unwrap()
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.http.get(format!("{}{path}", self.address)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer.json().await.unwrap()
    }

    async fn until_processed(&self, route: Route, events: u64) {
        until(&format!("{events} are processed on {route}"), async || {
            let snapshot = self.wire.snapshot().await.unwrap();
            snapshot.stats.routes.get(route).map_or(0, |stats| stats.unnumbered) == events
        })
        .await;
    }
}

fn event(event_type: &str, sub_type: &str) -> Value {
    json!({
        "event": {"type": event_type, "sub_type": sub_type}, "timestamp": 1_769_860_800_000_i64,
        "ip": "10.0.0.7-3", "data": {"orderId": "A-1"}
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_address_and_every_topic_leads_to_the_ledger() {
    let real = Real::start(|config| Config { demo_cors: true, ..config }).await.unwrap();
    let address = real.stack.address().replace("localhost", "127.0.0.1");
    let (http, wire) = (reqwest::Client::new(), Wire::new(&address, None).unwrap());
    let programs = Programs { http, address, wire };

    // The configured route, which the original's own consumer reads by GET /events; then each route by name.
    let answer = programs.post("/event", "application/json", event("CLICK_STREAM_EVENT", "KEY_PRESS_EVENT")).await;
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["access-control-allow-origin"]),
        (201, &"*".parse().unwrap())
    );
    let orders = json!({"events": [
        event("ORDER_STATE_UPDATE_EVENT", "ORDER_CREATED"), event("ORDER_STATE_UPDATE_EVENT", "ORDER_COMPLETED")
    ]});
    for path in ["/events?route=http-push", "/events?route=http-poll", "/events?route=kafka", "/events?route=all"] {
        assert_eq!(programs.post(path, "application/json", orders.clone()).await.status(), 201, "{path}");
    }
    let listed = programs.get("/events").await;
    assert_eq!((&listed[0]["ip"], listed[0]["event_logs"].as_array().unwrap().len()), (&json!("10.0.0.7-3"), 5));

    for (topic, sub_type) in [("click-events", "BUTTON_CLICK_EVENT"), ("order-events", "ORDER_STARTED")] {
        assert_eq!(programs.get(&format!("/subjects/{topic}-value/versions")).await, json!([1]));
        let schema = programs.get(&format!("/subjects/{topic}-value/versions/1")).await["schema"].clone();
        let value =
            json!({"sub_type": sub_type, "ip": "10.0.0.7-3", "client_timestamp": 1_769_860_800_000_i64, "data": "{}"});
        let body = json!({"value_schema": schema.to_string(), "records": [{"value": value}]});
        let path = format!("/topics/{topic}");
        let answer = programs.post(&path, "application/vnd.kafka.json.v2+json", body).await;
        assert_eq!(answer.status(), 200, "{topic}");
        assert!(answer.json::<Value>().await.unwrap()["offsets"][0]["offset"].is_i64());
    }

    assert_eq!(programs.get("/subjects").await, json!(["click-events-value", "order-events-value"]));
    let metrics = programs.http.get(format!("{}/metrics", programs.address)).send().await.unwrap();
    assert!(metrics.text().await.unwrap().contains("ese_kafka_rest_records_total"));

    programs.until_processed(Route::HttpPush, 4).await;
    programs.until_processed(Route::HttpPoll, 5).await;
    // Two by name, two by all, and one through the façade for each topic.
    programs.until_processed(Route::Kafka, 6).await;
    let ledger = programs.get("/api/ledger").await;
    assert_eq!(ledger["sessions"], json!([]), "these events have no numbers");
    assert_eq!(ledger["unnumbered"], json!({"http-push": 4, "http-poll": 5, "kafka": 6}));
    real.stack.stop().await;
}
