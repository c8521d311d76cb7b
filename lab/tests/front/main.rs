//! The front door, with small servers in place of the parts.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod crowds;
mod static_files;
mod wire;

use std::convert::Infallible;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract;
use axum::http::HeaderMap;
use axum::response::sse::{Event, Sse};
use axum::routing::{any, get, post};
use axum::{Json, Router};
use domain::api::faults::{FAULT_TOKEN, FaultsView};
use domain::api::{GuaranteeView, MAX_BODY_BYTES, Problem};
use domain::{Guarantee, Route};
use futures_util::StreamExt;
use lab::run::faults::Faults;
use lab::run::faults::expectations::Setting;
use lab::run::faults::link::Link;
use lab::run::front::{Front, MoreRoutes, Open, Page, Upstreams};
use lab::run::guarantees::Guarantees;
use lab::run::part::{Part, Parts};
use lab::run::probe::Probe;
use reqwest::{Client, Method, Response, StatusCode};
use runtime::admin::{Admin, AdminConfig};
use runtime::keys::{KeyConfig, Senders};
use runtime::peers::PeerToken;
use runtime::secret::SecretHash;
use runtime::testing;
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_stream::wrappers::UnboundedReceiverStream;

/// A server that stands in for all parts.
async fn part(live: Option<mpsc::UnboundedReceiver<String>>) -> SocketAddr {
    let live = Arc::new(std::sync::Mutex::new(live));
    let stream = move || {
        let messages = live.lock().unwrap().take().unwrap();
        let events =
            UnboundedReceiverStream::new(messages).map(|text| Ok::<_, Infallible>(Event::default().data(text)));
        std::future::ready(Sse::new(events))
    };
    let echo = async |headers: HeaderMap, body: Bytes| {
        let seen = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        Json([seen("x-forwarded-for"), seen("host"), seen("x-drop"), Some(body.len().to_string())])
    };
    let router = Router::new()
        .route("/readyz", get(|| async { "ready" }))
        .route("/api/live", get(stream))
        .route("/api/events", post(echo).layer(axum::extract::DefaultBodyLimit::disable()))
        .route("/api/mails", any(|| async { "mails" }))
        .route("/api/disk/{part}", any(async |extract::Path(part): extract::Path<String>| part));
    address(&testing::serve(router).await)
}

struct TestFront {
    open: Open,
    parts: Arc<Parts>,
    client: Client,
    /// The files that the parts would follow.
    _dir: TempDir,
}

impl TestFront {
    async fn open(upstream: SocketAddr, page: Page) -> Self {
        Self::open_with(upstream, page, false).await
    }

    async fn open_with(upstream: SocketAddr, page: Page, demo_cors: bool) -> Self {
        Self::open_for(upstream, page, demo_cors, Admin::default(), Senders::default()).await
    }

    async fn open_for(upstream: SocketAddr, page: Page, demo_cors: bool, admin: Admin, senders: Senders) -> Self {
        let upstreams = Upstreams { backend: upstream, consumer: upstream, mailer: upstream, inbox: upstream };
        let part = |name| Part::elsewhere(name, Probe::Http(upstream));
        let parts = Arc::new(Parts::new(["backend", "consumer", "mailer", "inbox"].map(part).into()));
        let dir = tempfile::tempdir().unwrap();
        let faults =
            Some(Faults::new(parts.clone(), Vec::new(), dir.path().join("faults"), Setting::default(), None).unwrap());
        let guarantee = Guarantee::default().on_all_routes();
        let guarantees = Guarantees::start(dir.path().join("guarantee.json"), guarantee).unwrap();
        let more_routes: MoreRoutes = Arc::new(|_, _| Router::new());
        let to_backend = Vec::from([(upstreams.backend, upstreams.backend)]);
        let to_backend = Arc::new(Link::new("senders-backend", None, String::new(), to_backend));
        let parts_of_front = parts.clone();
        let front = Front {
            upstreams,
            to_backend,
            parts: parts_of_front,
            page,
            faults,
            demo_cors,
            guarantees,
            admin,
            senders,
            more_routes,
        };
        Self { open: front.open(testing::listen().await.0), parts, client: Client::new(), _dir: dir }
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("http://127.0.0.1:{}{path}", self.open.port()))
    }

    async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

async fn problem(response: Response) -> Problem {
    assert_eq!(header(&response, "content-type"), "application/problem+json");
    response.json().await.unwrap()
}

fn address(url: &str) -> SocketAddr {
    url.strip_prefix("http://").unwrap().parse().unwrap()
}

fn built_page(dist: &Path) -> Page {
    fs::write(dist.join("index.html"), "<script type=\"module\">start()</script><p>ESE</p>").unwrap();
    fs::write(dist.join("app-0123456789abcdef.js"), "hello()").unwrap();
    fs::write(dist.join("app-0123456789abcdef.js.br"), "as if compressed").unwrap();
    fs::write(dist.join("favicon.svg"), "<svg/>").unwrap();
    Page::Dist(dist.to_owned())
}

#[tokio::test]
async fn requests_are_passed_on_with_the_peer_as_their_origin() {
    let front = TestFront::open(part(None).await, Page::None).await;
    let request = front.request(Method::POST, "/api/events?route=all").header("x-forwarded-for", "6.6.6.6");
    let request = request.header("connection", "x-drop").header("x-drop", "1").body("12345");
    let seen: [Option<String>; 4] = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(seen[0].as_deref(), Some("127.0.0.1"));
    assert!(seen[1].as_deref().unwrap().starts_with("127.0.0.1:"));
    assert_eq!(seen[2], None, "a header of the connection is not forwarded");
    assert_eq!(seen[3].as_deref(), Some("5"));

    assert_eq!(front.get("/api/mails").await.text().await.unwrap(), "mails");
    let refused = front.request(Method::POST, "/api/mails").send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::METHOD_NOT_ALLOWED);
    for part in ["backend", "consumer", "mailer"] {
        assert_eq!(front.get(&format!("/api/disk/{part}")).await.text().await.unwrap(), part);
    }
    assert_eq!(problem(front.get("/api/unknown").await).await.status, 404);
}

#[tokio::test]
async fn bodies_are_bounded_with_and_without_a_content_length() {
    let front = TestFront::open(part(None).await, Page::None).await;
    let most = front.request(Method::POST, "/api/events").body(vec![b'x'; MAX_BODY_BYTES]);
    assert_eq!(most.send().await.unwrap().status(), StatusCode::OK);
    let large = vec![b'x'; MAX_BODY_BYTES * 2];
    let with_length = front.request(Method::POST, "/api/events").body(large.clone()).send().await.unwrap();
    assert_eq!(problem(with_length).await.status, 413);
    let chunks: Vec<_> = large.chunks(64 * 1024).map(|chunk| Ok::<_, Infallible>(chunk.to_vec())).collect();
    let without_length = reqwest::Body::wrap_stream(futures_util::stream::iter(chunks));
    let without_length = front.request(Method::POST, "/api/events").body(without_length).send().await.unwrap();
    assert_eq!(problem(without_length).await.status, 413);
}

#[tokio::test]
async fn live_messages_arrive_one_by_one() {
    let (sender, messages) = mpsc::unbounded_channel();
    let front = TestFront::open(part(Some(messages)).await, Page::None).await;
    let response = front.get("/api/live").await;
    assert_eq!(header(&response, "content-type"), "text/event-stream");
    let mut stream = response.bytes_stream();
    for text in ["one", "two"] {
        sender.send(text.to_owned()).unwrap();
        let chunk = timeout(Duration::from_secs(5), stream.next()).await.unwrap().unwrap().unwrap();
        assert_eq!(chunk, format!("data: {text}\n\n"), "it came although the stream goes on");
    }
}

#[tokio::test]
async fn a_part_that_is_down_is_named() {
    let front = TestFront::open(address(&testing::listen().await.1), Page::None).await;
    let response = front.get("/api/ledger").await;
    assert_eq!(header(&response, "retry-after"), "1");
    let problem = problem(response).await;
    assert_eq!((problem.status, problem.retry_after_ms), (503, Some(1000)));
    assert!(problem.detail.starts_with("The consumer is not there: it does not listen"), "{}", problem.detail);

    let ready = front.get("/readyz").await;
    assert_eq!(ready.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(ready.text().await.unwrap().contains("\"name\":\"mailer\""));
    assert_eq!(front.get("/livez").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn its_own_refusals_can_be_read_by_pages_that_the_backend_would_let_in() {
    for (demo_cors, origin, exposed) in [(true, "*", "retry-after"), (false, "", "")] {
        let front = TestFront::open_with(address(&testing::listen().await.1), Page::None, demo_cors).await;
        let send = async |method: Method, path: &str, bytes: usize| {
            let request = front.request(method, path).header("origin", "http://localhost:3000");
            let answer = request.body(vec![b'x'; bytes]).send().await.unwrap();
            let of = |name| header(&answer, name).to_owned();
            (answer.status().as_u16(), of("access-control-allow-origin"), of("access-control-expose-headers"))
        };
        let is = |status: u16| (status, origin.to_owned(), exposed.to_owned());
        for path in ["/event", "/events", "/topics/click-events"] {
            assert_eq!(send(Method::POST, path, 10).await, is(503), "{path}");
            assert_eq!(send(Method::POST, path, MAX_BODY_BYTES * 2).await, is(413), "{path}");
        }
        assert_eq!(send(Method::GET, "/subjects", 0).await, is(503));
        let own = if demo_cors { "http://localhost:3000" } else { "" };
        let is_own = |status: u16| (status, own.to_owned(), exposed.to_owned());
        for path in ["/api/events", "/api/sessions/0192f0c1-0000-7000-8000-000000000001/report"] {
            assert_eq!(send(Method::POST, path, 10).await, is_own(503), "the tracker of a page: {path}");
            let (_, allowed, _) = send(Method::OPTIONS, path, 0).await;
            assert_eq!(allowed, own, "{path}");
            let (_, allowed, _) = send(Method::GET, path, 0).await;
            assert_eq!(allowed, "", "no page of another site reads {path}");
        }
        let (status, allowed, _) = send(Method::OPTIONS, "/event", 0).await;
        let passes = if demo_cors { 200 } else { 503 };
        assert_eq!((status, allowed.as_str()), (passes, origin), "a preflight needs no backend");
        front.parts.close();
        assert_eq!(send(Method::POST, "/event", 10).await, is(503), "it is stopping");
    }
}

#[tokio::test]
async fn ready_until_it_closes() {
    let front = TestFront::open(part(None).await, Page::None).await;
    assert_eq!(front.get("/readyz").await.status(), StatusCode::OK);
    let parts: serde_json::Value = front.get("/api/parts").await.json().await.unwrap();
    assert_eq!(parts[0], serde_json::json!({"name": "backend", "up": true}));
    front.parts.close();
    assert_eq!(problem(front.get("/readyz").await).await.status, 503);
    assert_eq!(problem(front.get("/api/mails").await).await.detail, "ESE is stopping.");
}

#[tokio::test]
async fn only_local_names_and_only_the_page_itself() {
    let front = TestFront::open(part(None).await, Page::None).await;
    let named = front.request(Method::GET, "/api/mails").header("host", "evil.example").send().await.unwrap();
    assert_eq!(problem(named).await.status, 421);
    let faults: FaultsView = front.get("/api/faults").await.json().await.unwrap();
    let start = async |origin: Option<&str>, token: &str, body: &str| {
        let request = front.request(Method::POST, "/api/faults").header(FAULT_TOKEN, token);
        let request = origin.into_iter().fold(request, |request, origin| request.header("origin", origin));
        let request = request.header("content-type", "application/json").body(body.to_owned());
        let problem = problem(request.send().await.unwrap()).await;
        (problem.status, problem.detail)
    };
    let kill = r#"{"kind": "kill", "target": "backend"}"#;
    let (own, token) = (format!("http://127.0.0.1:{}", front.open.port()), faults.token.as_str());
    assert_eq!(start(Some("https://evil.example"), token, kill).await.0, 403);
    assert_eq!(start(Some("http://127.0.0.1:1"), token, kill).await.0, 403, "another port is another site");
    assert_eq!(start(Some(&own), "guess", kill).await.0, 403);
    let (status, detail) = start(Some(&own), token, kill).await;
    assert!(
        status == 404 && detail.starts_with("There is no fault `kill` on `backend` here"),
        "not our process: {detail}"
    );
    assert_eq!(start(None, token, r#"{"kind": "kill"}"#).await.0, 422);
    let gone = front.request(Method::DELETE, "/api/faults/7").header(FAULT_TOKEN, token).send().await.unwrap();
    assert_eq!(problem(gone).await.status, 404);
}

#[tokio::test]
async fn a_guarantee_is_changed_only_with_the_token_of_the_faults() {
    let front = TestFront::open(part(None).await, Page::None).await;
    let view: GuaranteeView = front.get("/api/guarantee").await.json().await.unwrap();
    assert_eq!(view.routes, Guarantee::EffectivelyOnce.on_all_routes());
    assert_eq!(view.choices.len(), 3);
    let faults: FaultsView = front.get("/api/faults").await.json().await.unwrap();
    let put = async |token: &str, origin: &str, body: &str| {
        let request = front.request(Method::PUT, "/api/guarantee").header(FAULT_TOKEN, token).header("origin", origin);
        request.header("content-type", "application/json").body(body.to_owned()).send().await.unwrap()
    };
    let (own, change) = (format!("http://127.0.0.1:{}", front.open.port()), r#"{"kafka": "at-most-once"}"#);
    assert_eq!(problem(put("guess", &own, change).await).await.status, 403);
    assert_eq!(problem(put(&faults.token, "https://evil.example", change).await).await.status, 403);
    let wrong = problem(put(&faults.token, &own, r#"{"kafka": "exactly-once"}"#).await).await;
    assert_eq!(wrong.status, 422);
    assert_eq!(front.get("/api/guarantee").await.json::<GuaranteeView>().await.unwrap(), view, "nothing has changed");

    let changed: GuaranteeView = put(&faults.token, &own, change).await.json().await.unwrap();
    let mut expected = view.routes;
    expected.insert(Route::Kafka, Guarantee::AtMostOnce);
    assert_eq!(changed.routes, expected);
    assert_eq!(front.get("/api/guarantee").await.json::<GuaranteeView>().await.unwrap(), changed);
}

#[tokio::test]
async fn with_an_admin_token_only_its_holder_looks_and_changes() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("admin-token");
    let config = AdminConfig { admin_token_file: Some(file.clone()), open: false };
    let admin = Admin::load(&config, PeerToken::default()).unwrap();
    let token = fs::read_to_string(file).unwrap();
    let front = TestFront::open_for(part(None).await, built_page(dir.path()), false, admin, Senders::default()).await;
    let login = front.request(Method::POST, "/api/login").bearer_auth(&token).send().await.unwrap();
    let cookie = header(&login, "set-cookie").split(';').next().unwrap().to_owned();
    for (method, path) in [
        (Method::GET, "/api/parts"),
        (Method::GET, "/api/faults"),
        (Method::GET, "/api/guarantee"),
        (Method::PUT, "/api/guarantee"),
        (Method::POST, "/api/faults"),
        (Method::DELETE, "/api/faults/1"),
    ] {
        let refused = front.request(method.clone(), path).send().await.unwrap();
        assert_eq!(
            (refused.status().as_u16(), header(&refused, "www-authenticate")),
            (401, "Bearer"),
            "{method} {path}"
        );
        assert!(problem(refused).await.detail.contains("sign in at the page"));
        for given in [("cookie", cookie.clone()), ("authorization", format!("Bearer {token}"))] {
            let answer = front.request(method.clone(), path).header(given.0, given.1).send().await.unwrap();
            // The changes need the token of the faults as well.
            let expected = if method == Method::GET { 200 } else { 403 };
            assert_eq!(answer.status(), expected, "{method} {path} {}", given.0);
        }
    }
    for path in ["/", "/live", "/livez", "/readyz"] {
        assert_eq!(front.get(path).await.status(), 200, "{path}");
    }
}

#[tokio::test]
async fn with_keys_pages_of_their_origins_reach_the_parts() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("keys.json");
    let key = format!(
        r#"{{"keys": [{{"name": "shop", "sha256": "{}", "origins": ["https://shop.example"], "events_per_second": 1,
            "burst": 1, "bytes_per_second": 1}}]}}"#,
        SecretHash::of(b"shop")
    );
    fs::write(&file, key).unwrap();
    let senders = Senders::load(&KeyConfig { keys_file: Some(file) }, Admin::default()).unwrap();
    let front = TestFront::open_for(part(None).await, Page::None, false, Admin::default(), senders).await;
    for (origin, expected) in [("https://shop.example", "https://shop.example"), ("https://evil.example", "")] {
        for path in ["/api/events", "/event", "/api/sessions/1/report"] {
            let asked = front.request(Method::OPTIONS, path).header("origin", origin);
            let answer = asked.header("access-control-request-method", "POST").send().await.unwrap();
            assert_eq!(header(&answer, "access-control-allow-origin"), expected, "{path}");
        }
        let sent = front.request(Method::POST, "/api/events").header("origin", origin).body("[]").send().await.unwrap();
        assert_eq!((sent.status().as_u16(), header(&sent, "access-control-allow-origin")), (200, expected));
        let changed = front.request(Method::PATCH, "/api/use-cases/a").header("origin", origin).send().await.unwrap();
        assert_eq!(changed.status(), 403, "a key is for sending alone");
    }
}
