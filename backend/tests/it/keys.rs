//! Who may send, from where and how much; and who may look.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use domain::api::BATCH;
use reqwest::{Method, RequestBuilder, Response};
use runtime::keys::KeysFile;
use runtime::testing::{self, until};
use tempfile::TempDir;

use crate::support::{Backend, event, problem, reply, secret};

const SHOP: &str = "https://shop.example";
const OTHER: &str = "https://other.example";
const EVIL: &str = "https://evil.example";

/// A file with keys.
struct Keys {
    directory: TempDir,
    file: KeysFile,
}

impl Keys {
    /// The keys `shop` and `other`, each for pages of its own origin.
    fn new() -> Self {
        let mut keys = Self { directory: tempfile::tempdir().unwrap(), file: KeysFile::default() };
        keys.add("shop", SHOP);
        keys.add("other", OTHER);
        keys
    }

    /// A key whose secret is its name.
    fn add(&mut self, name: &str, origin: &str) {
        self.file.keys.push(testing::key(name, origin));
        self.write();
    }

    fn write(&self) {
        self.replace(&serde_json::to_string(&self.file).unwrap());
    }

    /// Replaces the file as `ese key` does.
    fn replace(&self, text: &str) {
        fs::write(self.path().with_extension("draft"), text).unwrap();
        fs::rename(self.path().with_extension("draft"), self.path()).unwrap();
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("keys.json")
    }

    async fn backend(&self, more: &[&str]) -> Backend {
        let file = self.path().display().to_string();
        Backend::start(&[&["--keys-file", &file, "--default-route", "http-poll"], more].concat()).await
    }
}

/// A request with one event.
fn send(backend: &Backend, query: &str, number: u64) -> RequestBuilder {
    let body = serde_json::to_string(&[event(number)]).unwrap();
    backend.client.post(format!("{}/api/events{query}", backend.url)).header("content-type", BATCH).body(body)
}

async fn status(request: RequestBuilder) -> u16 {
    request.send().await.unwrap().status().as_u16()
}

fn allowed(answer: &Response) -> Option<&str> {
    answer.headers().get("access-control-allow-origin").map(|origin| origin.to_str().unwrap())
}

#[tokio::test]
async fn without_a_valid_key_nothing_is_taken_on_any_way() {
    let keys = Keys::new();
    let backend = keys.backend(&[]).await;
    for path in ["/api/events", "/api/events?key=guess", "/event", "/events", "/topics/click-events", "/event?key="] {
        for bearer in [None, Some("guess")] {
            let post = backend.client.post(format!("{}{path}", backend.url)).body("{}");
            let post = bearer.map_or(post.try_clone().unwrap(), |bearer| post.bearer_auth(bearer));
            let answer = post.send().await.unwrap();
            assert_eq!(
                (answer.status().as_u16(), &answer.headers()["www-authenticate"]),
                (401, &"Bearer".parse().unwrap())
            );
            let form =
                if path.starts_with("/topics") { "application/vnd.kafka.v2+json" } else { "application/problem+json" };
            assert_eq!(answer.headers()["content-type"], form, "{path}");
            assert!(answer.text().await.unwrap().contains("Send a write key that is valid here"), "{path}");
        }
    }
    assert_eq!(backend.page(0, 0).await.head, 0, "nothing was stored");
    reply(send(&backend, "", 1).bearer_auth("shop").send().await.unwrap()).await;
    reply(send(&backend, "?route=http-poll&key=other", 2).send().await.unwrap()).await;
    assert_eq!(backend.page(0, 0).await.events.len(), 2);
}

#[tokio::test]
async fn a_page_needs_an_origin_of_its_own_key() {
    let keys = Keys::new();
    let backend = keys.backend(&[]).await;
    let from = |origin| send(&backend, "", 1).bearer_auth("shop").header("origin", origin);
    let answer = from(SHOP).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), allowed(&answer)), (200, Some(SHOP)));
    let answer = from(OTHER).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), allowed(&answer)), (403, Some(OTHER)), "that page may read the reason");
    assert_eq!(problem(answer).await.detail, "Pages of this origin may not use the key `shop`.");
    for origin in [EVIL, "null"] {
        let answer = from(origin).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), allowed(&answer)), (403, None));
    }
    assert_eq!(status(send(&backend, "", 2).header("origin", EVIL).bearer_auth("guess")).await, 401);
}

#[tokio::test]
async fn a_preflight_needs_no_key_but_an_origin_of_any() {
    let keys = Keys::new();
    let backend = keys.backend(&["--demo-cors"]).await;
    for path in ["/api/events?key=shop", "/event", "/events", "/topics/click-events"] {
        for (origin, expected) in [(SHOP, Some(SHOP)), (OTHER, Some(OTHER)), (EVIL, None)] {
            let asked =
                backend.client.request(Method::OPTIONS, format!("{}{path}", backend.url)).header("origin", origin);
            let asked = asked.header("access-control-request-method", "POST");
            let asked = asked.header("access-control-request-headers", "authorization,ce-id");
            let answer = asked.send().await.unwrap();
            assert_eq!((answer.status().as_u16(), allowed(&answer)), (200, expected), "{path}");
            let headers = &answer.headers()["access-control-allow-headers"];
            assert_eq!(headers, "authorization,ce-id");
            assert!(!answer.headers().contains_key("access-control-allow-credentials"));
        }
    }
}

#[tokio::test]
async fn keys_come_and_go_without_a_restart_and_a_broken_file_changes_nothing() {
    let mut keys = Keys::new();
    let backend = keys.backend(&[]).await;
    let with = async |key: &str| status(send(&backend, "", 1).bearer_auth(key)).await;
    assert_eq!((with("shop").await, with("new").await), (200, 401));
    keys.add("new", "*");
    until("the new key is valid", async || with("new").await == 200).await;
    for broken in ["{\"keys\": [{}", ""] {
        keys.replace(broken);
        // Several looks at the file.
        tokio::time::sleep(Duration::from_millis(400)).await;
        assert_eq!(with("shop").await, 200);
    }
    keys.file.keys.retain(|key| key.name != "shop");
    keys.write();
    until("the key is revoked", async || with("shop").await == 401).await;
    assert_eq!((with("other").await, with("new").await), (200, 200));
}

#[tokio::test]
async fn past_its_rate_a_key_has_to_wait_and_others_go_on() {
    let mut keys = Keys::new();
    (keys.file.keys[0].events_per_second, keys.file.keys[0].burst) = (2, 4);
    keys.write();
    let backend = keys.backend(&[]).await;
    let events = |key: &str, numbers: std::ops::Range<u64>| {
        let body = serde_json::to_string(&numbers.map(event).collect::<Vec<_>>()).unwrap();
        send(&backend, "", 1).bearer_auth(key).body(body).send()
    };
    let too_many = events("shop", 1..6).await.unwrap();
    assert_eq!(too_many.status(), 413);
    assert_eq!(problem(too_many).await.detail, "There are 5 events; the key `shop` may send 4 at once.");
    reply(events("shop", 1..5).await.unwrap()).await;
    let answer = events("shop", 5..9).await.unwrap();
    assert_eq!((answer.status().as_u16(), &answer.headers()["retry-after"]), (429, &"2".parse().unwrap()));
    let refused = problem(answer).await;
    assert!((1500..=2000).contains(&refused.retry_after_ms.unwrap()), "{refused:?}");
    assert_eq!(refused.detail, "The key `shop` has sent too many events; send this again later.");
    reply(events("other", 5..9).await.unwrap()).await;
    assert_eq!(backend.page(0, 0).await.events.len(), 8);
    until("the key may send again", async || events("shop", 9..10).await.unwrap().status() == 200).await;
    let seed = r#"{"event": {"type": "CLICK_STREAM_EVENT", "sub_type": "KEY_PRESS_EVENT"}, "timestamp": 1}"#;
    let seed = format!(r#"{{"events": [{}]}}"#, [seed; 4].join(","));
    let seed = backend.client.post(format!("{}/events?key=shop", backend.url)).body(seed).send().await.unwrap();
    assert_eq!(
        (seed.status().as_u16(), seed.headers().contains_key("retry-after")),
        (429, true),
        "the same limit there"
    );
}

#[tokio::test]
async fn past_its_bytes_a_key_has_to_wait_and_the_body_is_not_read() {
    let mut keys = Keys::new();
    keys.file.keys[0].bytes_per_second = 100_000;
    keys.write();
    let backend = keys.backend(&[]).await;
    let body = || " ".repeat(700_000);
    assert_eq!(status(send(&backend, "?key=shop", 1).body(body())).await, 400, "it was read");
    let answer = send(&backend, "?key=shop", 1).body(body()).send().await.unwrap();
    assert_eq!(answer.status(), 429);
    let wait: u64 = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((3..=4).contains(&wait), "350,000 bytes are missing, at 100,000 a second: {wait} s");
    assert!(problem(answer).await.detail.contains("too many bytes"));
    // A body without a length is counted when it has come.
    let stream = || reqwest::Body::wrap_stream(futures_util::stream::iter([Ok::<_, std::io::Error>(body())]));
    assert_eq!(status(send(&backend, "?key=other", 1).body(stream())).await, 400);
    assert_eq!(status(send(&backend, "?key=other", 1).body(stream())).await, 429);
    let metrics = backend.get("/metrics").await.text().await.unwrap();
    assert!(metrics.contains(r#"ese_key_over_limit_total{key="shop",limit="bytes"}"#), "{metrics}");
}

#[tokio::test]
async fn looking_needs_the_admin_token_or_that_of_the_peers() {
    let keys = Keys::new();
    let (admin, peers) = (keys.directory.path().join("admin").display().to_string(), secret());
    let peer_file = peers.0.path().display().to_string();
    let backend = keys.backend(&["--admin-token-file", &admin, "--peer-token-file", &peer_file]).await;
    assert_eq!(backend.get("/readyz").await.status(), 200, "it has made the token");
    let token = fs::read_to_string(&admin).unwrap();
    let get = |path: &str| backend.client.get(format!("{}{path}", backend.url));
    for path in ["/api/events", "/events", "/api/disk/backend"] {
        for refused in [get(path), get(path).bearer_auth("shop"), get(&format!("{path}?token={token}&key={token}"))] {
            assert_eq!(status(refused).await, 401, "{path}");
        }
        assert_eq!(status(get(path).bearer_auth(&token)).await, 200, "{path}");
        assert_eq!(status(get(path).headers(peers.1.clone())).await, 200, "{path}");
    }
    for path in ["/", "/livez", "/readyz", "/metrics", "/api/docs", "/api/openapi.json", "/subjects"] {
        assert_eq!(status(get(path)).await, 200, "{path}");
    }
    let login = backend.client.post(format!("{}/api/login", backend.url)).bearer_auth(&token).send().await.unwrap();
    let cookie = login.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    assert_eq!(status(get("/api/events").header("cookie", &cookie)).await, 200);
    let sent = |origin| send(&backend, "", 1).header("cookie", &cookie).header("origin", origin);
    assert_eq!(status(sent("http://localhost:8080")).await, 200, "who may look may send from the page");
    assert_eq!(status(sent(SHOP)).await, 401, "but no other page in this name");
    assert_eq!(status(send(&backend, "", 1).bearer_auth(token)).await, 200);
    assert_eq!(status(send(&backend, "", 1).headers(peers.1)).await, 401, "peers are no senders");
}
