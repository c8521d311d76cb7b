//! Deliveries come from peers alone, and reports from no other site's page.

use domain::Route;
use domain::api::BATCH;

use crate::support::{Consumer, FakeMailer, event, press, until};

#[tokio::test]
async fn a_delivery_needs_its_content_type_and_the_secret() {
    let directory = tempfile::tempdir().unwrap();
    let secret = directory.path().join("peer-token");
    let mailer = FakeMailer::default();
    let mailer_url = mailer.start().await;
    let file = secret.display().to_string();
    let consumer = Consumer::start(&["--peer-token-file", &file, "--mailer-url", &mailer_url]).await;
    let body = serde_json::to_string(&[press(1), press(2), press(3)]).unwrap();
    assert_eq!(consumer.post_delivery("text/plain", body.clone()).await.status(), 415);
    assert_eq!(consumer.post_delivery(BATCH, body.clone()).await.status(), 401);
    assert!(consumer.ledger().await.sessions.is_empty(), "no request has left anything");

    let token = std::fs::read_to_string(&secret).unwrap();
    let post = consumer.client.post(format!("{}/api/deliveries", consumer.url)).bearer_auth(&token);
    assert_eq!(post.header("content-type", BATCH).body(body).send().await.unwrap().status(), 200);
    assert_eq!(consumer.balance(Route::HttpPush).await.processed, 3);
    until("the mail is requested", async || !mailer.taken.lock().unwrap().is_empty()).await;
    assert_eq!(mailer.secrets.lock().unwrap().as_slice(), [format!("Bearer {token}")]);
}

#[tokio::test]
async fn other_sites_and_other_names_are_refused() {
    let consumer = Consumer::start(&[]).await;
    let report = async |name: &str, value: &str| {
        let url = format!("{}/api/sessions/{}/report", consumer.url, crate::support::SESSION);
        let report = consumer.client.post(url).body(r#"{"routes": {"http-push": {"emitted": "1"}}}"#);
        report.header(name, value).send().await.unwrap().status().as_u16()
    };
    assert_eq!(report("origin", "https://evil.example").await, 403);
    assert_eq!(report("host", "evil.example").await, 421);
    assert!(consumer.ledger().await.sessions.is_empty(), "no request has left anything");
    assert_eq!(report("origin", "http://localhost:8080").await, 204);
    assert_eq!(consumer.deliver(&[event(1)]).await.len(), 1);
}
