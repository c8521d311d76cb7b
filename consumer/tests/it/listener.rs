//! Deliveries are accepted only from peers, and reports not from pages of other sites.

use std::time::Duration;

use domain::Route;
use domain::api::BATCH;
use futures_util::future::select_all;
use runtime::secret::SecretHash;
use runtime::testing::until;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Consumer, FakeMailer, event, press};

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

#[tokio::test]
async fn reports_need_a_key_and_looking_the_admin_token() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).display().to_string();
    let keys = format!(
        r#"{{"keys": [{{"name": "shop", "sha256": "{}", "origins": ["https://shop.example"], "events_per_second": 1, "burst": 2,
            "bytes_per_second": 1000}}]}}"#,
        SecretHash::of(b"shop")
    );
    std::fs::write(path("keys"), keys).unwrap();
    let consumer = Consumer::start(&["--keys-file", &path("keys"), "--admin-token-file", &path("admin")]).await;
    let report = async |query: &str, origin: &str| {
        let url = format!("{}/api/sessions/{}/report{query}", consumer.url, crate::support::SESSION);
        let report = consumer.client.post(url).body(r#"{"routes": {"http-push": {"emitted": "1"}}}"#);
        report.header("origin", origin).send().await.unwrap()
    };
    assert_eq!(report("", "https://shop.example").await.status(), 401);
    assert_eq!(report("?key=shop", "https://evil.example").await.status(), 403);
    let taken = report("?key=shop", "https://shop.example").await;
    assert_eq!((taken.status().as_u16(), taken.headers().contains_key("access-control-allow-origin")), (204, true));
    assert_eq!(report("?key=shop", "https://shop.example").await.status(), 204);
    let over = report("?key=shop", "https://shop.example").await;
    assert_eq!((over.status().as_u16(), over.headers()["retry-after"].to_str().unwrap()), (429, "1"));

    let token = std::fs::read_to_string(path("admin")).unwrap();
    for path in ["ledger", "live", "processed", "use-cases", "use-cases/steady-clicks", "disk/consumer"] {
        let get = || consumer.client.get(format!("{}/api/{path}", consumer.url));
        assert_eq!(get().send().await.unwrap().status(), 401, "{path}");
        assert_eq!(get().bearer_auth("shop").send().await.unwrap().status(), 401, "{path}");
        assert_eq!(get().bearer_auth(&token).send().await.unwrap().status(), 200, "{path}");
    }
    let settings = consumer.client.patch(format!("{}/api/use-cases/steady-clicks", consumer.url)).json(&[()]);
    assert_eq!(settings.send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn bodies_that_are_too_large_are_refused_with_the_limit() {
    let consumer = Consumer::start(&[]).await;
    let text = |size: usize| vec![b' '; size];
    let report = format!("{}/api/sessions/{}/report", consumer.url, crate::support::SESSION);
    let settings = format!("{}/api/use-cases/steady-clicks", consumer.url);
    for (answer, limit) in [
        (consumer.post_delivery(BATCH, text((8 << 20) + 1)).await, 8 << 20),
        (consumer.client.post(report).body(text((256 << 10) + 1)).send().await.unwrap(), 256 << 10),
        (consumer.client.patch(settings).body(text((16 << 10) + 1)).send().await.unwrap(), 16 << 10),
    ] {
        assert_eq!(answer.status(), 413);
        assert!(answer.text().await.unwrap().contains(&format!("larger than {limit} bytes")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_under_way_are_bounded_and_a_slow_one_gives_way() {
    let consumer = Consumer::start(&[]).await;
    let address = consumer.url.trim_start_matches("http://").to_owned();
    let senders: Vec<_> = (0..6).map(|_| tokio::spawn(send_half(address.clone()))).collect();
    // Together they need more room than there is: some get an answer although their bodies have not ended.
    let first = tokio::time::timeout(Duration::from_secs(5), select_all(senders)).await;
    let (answer, ..) = first.expect("one is answered");
    let answer = answer.unwrap();
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("retry-after: 1"), "{answer}");
    assert_eq!(consumer.deliver(&[event(1)]).await.len(), 1);
}

/// Sends all but the last byte of a large delivery, and reads the answer.
async fn send_half(address: String) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let length = 8 << 20;
    let head = format!(
        "POST /api/deliveries HTTP/1.1\r\nhost: localhost\r\ncontent-type: {BATCH}\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // It fails if the answer comes first.
    stream.write_all(&vec![b' '; length - 1]).await.ok();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok();
    String::from_utf8(answer).unwrap()
}

#[test]
fn it_does_not_listen_beyond_this_machine_without_keys() {
    let mut consumer = std::process::Command::new(env!("CARGO_BIN_EXE_consumer"));
    let output = consumer.env_clear().args(["--listen", "0.0.0.0:0"]).output().unwrap();
    assert_eq!(output.status.code(), Some(64));
    let line = String::from_utf8(output.stderr).unwrap();
    assert!(line.starts_with("consumer: other machines can reach 0.0.0.0:0: give --keys-file and --peer-token-file and --admin-token-file, or --open"), "{line}");
    assert_eq!(line.lines().count(), 1);
}
