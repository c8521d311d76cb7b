//! Events are not accepted from pages of other sites, and forwards carry the secret.

use domain::api::BATCH;

use crate::support::{Backend, FakeConsumer, event, reply};

#[tokio::test]
async fn other_sites_and_other_names_are_refused() {
    let (closed, open) = (Backend::start(&[]).await, Backend::start(&["--demo-cors"]).await);
    let events = serde_json::to_string(&[event(1)]).unwrap();
    let seed = r#"{"event": {"type": "CLICK_STREAM_EVENT", "sub_type": "KEY_PRESS_EVENT"}, "timestamp": 1}"#;
    let post = async |backend: &Backend, path: &str, body: &str, header: (&str, &str)| {
        let post = backend.client.post(format!("{}{path}", backend.url)).header("content-type", BATCH);
        post.header(header.0, header.1).body(body.to_owned()).send().await.unwrap().status().as_u16()
    };
    let (evil, here) = (("origin", "https://evil.example"), ("origin", "http://localhost:8080"));
    for backend in [&closed, &open] {
        assert_eq!(post(backend, "/api/events?route=http-poll", &events, evil).await, 403);
        assert_eq!(post(backend, "/event", seed, ("host", "evil.example")).await, 421);
        assert_eq!(backend.page(0, 0).await.head, 0, "nothing was stored");
        assert_eq!(post(backend, "/api/events?route=http-poll", &events, here).await, 200);
    }
    assert_eq!(post(&closed, "/event", seed, evil).await, 403);
    assert_eq!(post(&open, "/event", seed, evil).await, 201, "for demonstrations every page may");
}

#[tokio::test]
async fn a_forward_carries_the_secret() {
    let consumer = FakeConsumer::start(1).await;
    let directory = tempfile::tempdir().unwrap();
    let secret = directory.path().join("peer-token");
    let file = secret.display().to_string();
    let backend = Backend::start(&["--consumer-url", &consumer.url, "--peer-token-file", &file]).await;
    reply(backend.post("http-push", &[event(1)]).await).await;
    let token = std::fs::read_to_string(&secret).unwrap();
    assert_eq!(consumer.secrets.lock().unwrap().as_slice(), [format!("Bearer {token}")]);
}
