//! The original example's contract, as its programs use it: status codes and bodies.

use domain::Event;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::support::{Backend, FakeConsumer, problem};

fn body(event_type: &str, sub_type: &str) -> Value {
    json!({
        "event": {"type": event_type, "sub_type": sub_type}, "timestamp": 1_769_860_800_123_i64,
        "ip": "10.0.0.7-3", "data": {"some": ["thing", 1, null]}
    })
}

fn click() -> Value {
    body("CLICK_STREAM_EVENT", "KEY_PRESS_EVENT")
}

async fn post(backend: &Backend, path: &str, body: impl ToString) -> Response {
    let request = backend.client.post(format!("{}{path}", backend.url)).header("content-type", "application/json");
    request.body(body.to_string()).send().await.unwrap()
}

/// The answer without the server's time, which differs with each run.
async fn without_server_ts(response: Response) -> Value {
    assert_eq!(response.status(), 201);
    let mut answer: Value = response.json().await.unwrap();
    for log in answer.as_array_mut().map_or(Vec::new(), |logs| logs.iter_mut().collect()) {
        assert!(log["server_ts"].take().as_i64().unwrap() > 1_769_860_800_123);
    }
    if answer.is_object() {
        assert!(answer["server_ts"].take().as_i64().unwrap() > 1_769_860_800_123);
    }
    answer
}

fn log(event_type: &str, sub_type: &str) -> Value {
    json!({
        "type": event_type, "sub_type": sub_type, "ip": "10.0.0.7-3", "client_ts": 1_769_860_800_123_i64,
        "server_ts": null, "data": {"some": ["thing", 1, null]}
    })
}

const KINDS: [(&str, &str); 8] = [
    ("CLICK_STREAM_EVENT", "KEY_PRESS_EVENT"),
    ("CLICK_STREAM_EVENT", "BUTTON_CLICK_EVENT"),
    ("CLICK_STREAM_EVENT", "INPUT_PASSED_EVENT"),
    ("CLICK_STREAM_EVENT", "NAVIGATION_EVENT"),
    ("ORDER_STATE_UPDATE_EVENT", "ORDER_CREATED"),
    ("ORDER_STATE_UPDATE_EVENT", "ORDER_ALLOCATED"),
    ("ORDER_STATE_UPDATE_EVENT", "ORDER_STARTED"),
    ("ORDER_STATE_UPDATE_EVENT", "ORDER_COMPLETED"),
];

#[tokio::test]
async fn an_event_is_answered_as_the_seed_answers_it() {
    let backend = Backend::start(&[]).await;
    for (event_type, sub_type) in KINDS {
        let answer = post(&backend, "/event", body(event_type, sub_type)).await;
        assert_eq!(without_server_ts(answer).await, log(event_type, sub_type));
    }
}

#[tokio::test]
async fn several_are_answered_with_a_list() {
    let backend = Backend::start(&[]).await;
    let events: Vec<Value> = KINDS.iter().map(|(event_type, sub_type)| body(event_type, sub_type)).collect();
    let answer = post(&backend, "/events", json!({"events": events})).await;
    let logs: Vec<Value> = KINDS.iter().map(|(event_type, sub_type)| log(event_type, sub_type)).collect();
    assert_eq!(without_server_ts(answer).await, json!(logs));
    let none = post(&backend, "/events", json!({"events": []})).await;
    assert_eq!((none.status().as_u16(), none.text().await.unwrap().as_str()), (201, "[]"));
}

#[tokio::test]
async fn unexpired_events_are_listed_by_client() {
    let backend = Backend::start(&["--store-ttl", "2"]).await;
    assert_eq!(backend.get("/events").await.json::<Value>().await.unwrap(), json!([]));
    let mut other = click();
    other["ip"] = json!("10.0.0.8");
    for event in [click(), other, body("ORDER_STATE_UPDATE_EVENT", "ORDER_CREATED")] {
        assert_eq!(post(&backend, "/event", event).await.status(), 201);
    }
    let listed: Vec<Value> = backend.get("/events").await.json().await.unwrap();
    let shape = |client: &Value| {
        let sub_types = client["event_logs"].as_array().unwrap().iter().map(|log| log["sub_type"].clone());
        (client["ip"].clone(), sub_types.collect::<Value>())
    };
    assert_eq!(
        listed.iter().map(shape).collect::<Vec<_>>(),
        [
            (json!("10.0.0.7-3"), json!(["KEY_PRESS_EVENT", "ORDER_CREATED"])),
            (json!("10.0.0.8"), json!(["KEY_PRESS_EVENT"]))
        ]
    );
    let mut first = listed[0]["event_logs"][0].clone();
    first["server_ts"].take();
    assert_eq!(first, log("CLICK_STREAM_EVENT", "KEY_PRESS_EVENT"));
    runtime::testing::until("all are expired", async || {
        backend.get("/events").await.json::<Value>().await.unwrap() == json!([])
    })
    .await;
}

#[tokio::test]
async fn a_bad_body_gets_the_seeds_answer() {
    let backend = Backend::start(&[]).await;
    let with = |field: &str, value: Value| {
        let mut bad = click();
        bad[field] = value;
        bad
    };
    let bad = [
        json!("nonsense"),
        json!({}),
        with("timestamp", json!("noon")),
        with("timestamp", json!(null)),
        with("ip", json!(7)),
        with("ip", json!("x".repeat(300))),
        with("event", json!({"type": "CLICK_STREAM_EVENT", "sub_type": "ORDER_CREATED"})),
        with("event", json!({"type": "CLICK_STREAM_EVENT", "sub_type": "NAP"})),
        with("data", json!("text")),
        with("data", json!(["list"])),
        with("data", json!({"long": "x".repeat(20_000)})),
    ];
    let mut requests: Vec<(&str, String)> = vec![("/event", "{".to_owned()), ("/events", "[]".to_owned())];
    requests.push(("/events", json!({"events": [click(), {}]}).to_string()));
    requests.extend(bad.iter().map(|body| ("/event", body.to_string())));
    requests.extend(bad.iter().map(|body| ("/events", json!({"events": [body]}).to_string())));
    for (path, body) in requests {
        let answer = post(&backend, path, &body).await;
        assert_eq!(answer.status(), 400, "{body}");
        assert_eq!(answer.text().await.unwrap(), "{\"message\":\"Bad data schema passed\"}", "{body}");
    }
    let too_many = json!({"events": vec![click(); 1001]});
    assert_eq!(problem(post(&backend, "/events", too_many).await).await.status, 413);
    assert_eq!(backend.page(0, 0).await.head, 0, "nothing was stored");
}

#[tokio::test]
async fn times_may_be_texts_and_data_and_ip_may_be_left_out() {
    let backend = Backend::start(&[]).await;
    let least = json!({"event": click()["event"], "timestamp": "2026-01-31T12:00:00.123Z"});
    let answer = without_server_ts(post(&backend, "/event", least).await).await;
    assert_eq!(
        (&answer["client_ts"], &answer["ip"], &answer["data"]),
        (&json!(1_769_860_800_123_i64), &json!("127.0.0.1"), &json!(null))
    );
}

#[tokio::test]
async fn the_route_is_the_named_one_or_the_configured_one() {
    let consumer = FakeConsumer::start(10).await;
    let backend = Backend::start(&["--consumer-url", &consumer.url, "--seed-route", "http-push"]).await;
    assert_eq!(post(&backend, "/event", click()).await.status(), 201);
    assert_eq!((consumer.forwards.lock().await.clone(), backend.page(0, 0).await.head), (vec![1], 0));
    assert_eq!(post(&backend, "/event?route=http-poll", click()).await.status(), 201);
    let stored: Vec<Event> = backend.page(0, 0).await.events.into_iter().map(|stored| stored.event).collect();
    assert_eq!(stored[0].sequence, None);
    assert_eq!((stored[0].source.session(), stored[0].partitionkey.as_str()), (None, "10.0.0.7-3"));
    assert_eq!(problem(post(&backend, "/event?route=pigeon", click()).await).await.status, 400);
}

#[tokio::test]
async fn the_status_is_201_only_if_every_route_has_the_event() {
    let backend = Backend::start(&[]).await;
    for path in ["/event?route=http-push", "/event?route=all"] {
        let answer = post(&backend, path, click()).await;
        assert_eq!((answer.status().as_u16(), answer.headers().contains_key("retry-after")), (503, true), "{path}");
        assert!(problem(answer).await.detail.contains("Not every event was accepted on every route"));
    }
}

#[tokio::test]
async fn health_and_metrics() {
    let backend = Backend::start(&[]).await;
    let health = backend.get("/").await;
    assert_eq!(health.status(), 200);
    let message = health.json::<Value>().await.unwrap()["message"].as_str().unwrap().to_owned();
    assert_eq!(format!("Server running @{}", backend.url.trim_start_matches("http://")), message);
    post(&backend, "/event", click()).await;
    let metrics = backend.get("/metrics").await.text().await.unwrap();
    assert!(metrics.contains("ese_ingest_events_total{route=\"http-poll\",outcome=\"accepted\"}"), "{metrics}");
}

#[tokio::test]
async fn other_origins_are_allowed_only_with_the_flag() {
    let preflight = async |backend: &Backend, path: &str| {
        let request = backend.client.request(Method::OPTIONS, format!("{}{path}", backend.url));
        let request = request.header("origin", "http://shop.example").header("access-control-request-method", "POST");
        request.header("access-control-request-headers", "content-type").send().await.unwrap()
    };
    let header =
        |answer: &Response, name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_lowercase());
    let open = Backend::start(&["--demo-cors"]).await;
    let closed = Backend::start(&[]).await;
    for path in ["/event", "/events", "/topics/click-events"] {
        let answer = preflight(&open, path).await;
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(header(&answer, "access-control-allow-origin").as_deref(), Some("*"));
        assert!(header(&answer, "access-control-allow-methods").unwrap().contains("post"));
        assert!(header(&answer, "access-control-allow-headers").unwrap().contains("content-type"));
        assert_eq!(header(&answer, "access-control-max-age").as_deref(), Some("43200"));
        let refused = preflight(&closed, path).await;
        assert_eq!((refused.status().as_u16(), header(&refused, "access-control-allow-origin")), (405, None), "{path}");
    }
    let own = preflight(&open, "/api/events").await;
    assert_eq!(header(&own, "access-control-allow-origin"), None, "not our own clients'");
    let request = open.client.get(format!("{}/events", open.url)).header("origin", "http://shop.example");
    assert_eq!(header(&request.send().await.unwrap(), "access-control-allow-origin").as_deref(), Some("*"));
}
