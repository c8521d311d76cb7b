//! Bad input: a problem with the reason, and nothing stored.

use domain::api::{BATCH, MAX_BATCH_EVENTS, MAX_BODY_BYTES, Outcome, STRUCTURED};
use reqwest::header::{HeaderMap, HeaderName};
use serde_json::{Value, json};

use crate::support::{Backend, event, problem, reply};

fn with(attribute: &str, value: Value) -> String {
    let mut bad = serde_json::to_value(event(1)).unwrap();
    bad[attribute] = value;
    json!([bad]).to_string()
}

#[tokio::test]
async fn each_refusal_has_its_status_and_its_reason() {
    let backend = Backend::start(&[]).await;
    let valid = serde_json::to_string(&[event(1)]).unwrap();
    let too_many = serde_json::to_string(&vec![event(1); MAX_BATCH_EVENTS + 1]).unwrap();
    let deep = (0..60).fold(json!(1), |inner, _| json!([inner]));
    let cases: [(&str, &str, String, u16, &str); 17] = [
        ("http-poll", BATCH, "{".to_owned(), 400, "not a JSON array"),
        ("http-poll", BATCH, "[]".to_owned(), 400, "empty"),
        ("http-poll", BATCH, "[1]".to_owned(), 400, "No event of the request is valid"),
        ("http-poll", BATCH, with("type", json!("ese.unheard-of")), 400, "the event type `ese.unheard-of` is unknown"),
        ("http-poll", BATCH, with("sequence", json!("0")), 400, "`sequence` a number from 1"),
        ("http-poll", BATCH, with("source", json!("/event")), 400, "must be /sessions/"),
        ("http-poll", BATCH, with("data", json!("x".repeat(20_000))), 400, "at most 16384"),
        ("http-poll", BATCH, with("data", deep), 400, "nests deeper than 32 levels"),
        ("http-poll&route=kafka", BATCH, valid.clone(), 400, "The query is malformed"),
        ("http-poll", BATCH, with("sequence", json!("+7")), 400, "not a whole number written as a string"),
        ("http-poll", BATCH, with("traceparent", json!("0".repeat(101))), 400, "`traceparent` must have at most 100"),
        ("http-poll", STRUCTURED, "nonsense".to_owned(), 400, "not a JSON object"),
        ("carrier-pigeon", BATCH, valid.clone(), 400, "there is no route `carrier-pigeon`"),
        ("http-poll", "application/json", valid.clone(), 415, "Send CloudEvents as"),
        ("http-poll", "text/plain", valid, 415, "`text/plain`"),
        ("http-poll", BATCH, " ".repeat(MAX_BODY_BYTES + 1), 413, "larger than 1048576 bytes"),
        ("http-poll", BATCH, too_many, 413, "at most 1000"),
    ];
    for (route, content_type, body, status, reason) in cases {
        let answer = backend.post_body(route, content_type, body).await;
        assert_eq!(answer.status(), status, "{reason}");
        let problem = problem(answer).await;
        assert_eq!(problem.status, status);
        assert!(problem.detail.contains(reason), "`{}` lacks `{reason}`", problem.detail);
    }
    assert_eq!(backend.page(0, 0).await.head, 0, "nothing was stored");
}

/// A request in CloudEvents' binary mode.
async fn post_binary(backend: &Backend, event: &domain::Event, data: String) -> reqwest::Response {
    let request = backend.client.post(format!("{}/api/events?route=http-poll", backend.url));
    let mut headers = HeaderMap::new();
    domain::kafka_record::each_attribute(event, |name, text| {
        headers.insert(HeaderName::try_from(name.replace('_', "-")).unwrap(), text.parse().unwrap());
    });
    let request = request.headers(headers);
    request.header("content-type", "application/json").body(data).send().await.unwrap()
}

/// `serde_json::Value` would read the text in it as JSON, at a new limit of depth for each level: the stack would overflow.
#[tokio::test]
async fn the_private_key_of_serde_json_is_data_in_every_form() {
    let backend = Backend::start(&[]).await;
    let data = json!({"inner": {"$serde_json::private::RawValue": "[1]"}});
    let [batch, structured, binary] =
        [1, 2, 3].map(|number| domain::Event { data: data.clone().into(), ..event(number) });
    // `json!` would make a value of the event first, and read the text in it.
    let [batch, structured] = [serde_json::to_string(&[batch]), serde_json::to_string(&structured)];
    reply(backend.post_body("http-poll", BATCH, batch.unwrap()).await).await;
    reply(backend.post_body("http-poll", STRUCTURED, structured.unwrap()).await).await;
    reply(post_binary(&backend, &binary, data.to_string()).await).await;
    let kind = json!({"type": "CLICK_STREAM_EVENT", "sub_type": "BUTTON_CLICK_EVENT"});
    let seed = json!({"event": kind, "timestamp": 1_769_860_800_123_i64, "data": data});
    for (path, body) in [("/event", seed.clone()), ("/events", json!({ "events": [seed] }))] {
        let answer =
            backend.client.post(format!("{}{path}?route=http-poll", backend.url)).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 201, "{path}");
    }
    let page = backend.get("/api/events").await.text().await.unwrap();
    assert_eq!(page.matches(&format!("\"data\":{data}")).count(), 5, "{page}");
}

#[tokio::test]
async fn a_reason_repeats_only_the_beginning_of_a_long_text() {
    let backend = Backend::start(&[]).await;
    let long = "ä".repeat(50_000);
    let mut bad = serde_json::to_value(event(2)).unwrap();
    bad["specversion"] = json!(long);
    let reply = reply(backend.post_body("http-poll", BATCH, json!([event(1), bad]).to_string()).await).await;
    let Some(Outcome::Rejected { reason }) = reply.results[1].routes.values().next() else { panic!("{reply:?}") };
    assert!(reason.contains("unknown variant `ää") && reason.chars().count() < 320, "{} bytes", reason.len());
    for (content_type, body) in [(BATCH, json!([bad]).to_string()), (BATCH, json!(long).to_string())] {
        let detail = problem(backend.post_body("http-poll", content_type, body).await).await.detail;
        assert!(detail.contains("ää") && detail.chars().count() < 400, "{} characters", detail.chars().count());
    }
}

#[tokio::test]
async fn one_bad_event_does_not_affect_the_others() {
    let backend = Backend::start(&[]).await;
    let mut bad = serde_json::to_value(event(2)).unwrap();
    bad["type"] = json!("ese.unheard-of");
    let body = json!([event(1), bad, event(3)]).to_string();
    let reply = reply(backend.post_body("http-poll", BATCH, body).await).await;
    let outcomes: Vec<_> = reply.results.iter().flat_map(|result| result.routes.values()).collect();
    assert!(matches!(outcomes[..], [Outcome::Accepted, Outcome::Rejected { .. }, Outcome::Accepted]), "{outcomes:?}");
    assert_eq!(reply.results[1].id.as_deref(), Some("0192f0c1-2345-7abc-8def-000000000002"));
    assert_eq!(backend.page(0, 0).await.events.len(), 2);
}

#[tokio::test]
async fn all_three_modes_of_cloudevents_are_accepted() {
    let backend = Backend::start(&[]).await;
    let structured = serde_json::to_string(&event(1)).unwrap();
    reply(backend.post_body("http-poll", &format!("{STRUCTURED}; charset=utf-8"), structured).await).await;
    let binary = event(2);
    reply(post_binary(&backend, &binary, binary.data.to_string()).await).await;
    let stored: Vec<_> = backend.page(0, 0).await.events.into_iter().map(|stored| stored.event).collect();
    assert_eq!(stored.iter().map(|event| event.sequence).collect::<Vec<_>>(), [Some(1), Some(2)]);
    assert!(stored.iter().all(|event| event.partitionkey == "127.0.0.1" && event.receivedtime.is_some()));
}
