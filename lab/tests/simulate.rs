//! The simulator against a server that stands in for the stack and is bad on purpose, and against the stack itself.
//!
//! The last test needs the services' programs beside `ese` (`cargo xtask test` builds them) and a broker to start.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::extract::{ConnectInfo, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::api::faults::FaultRequest;
use domain::api::simulation::{MAX_ANNOUNCED, Parameters, Phase, Progress, Shape, SimulationView, Summary};
use domain::api::{EventResult, IngestReply, LedgerView, Outcome, SessionReport, SessionView};
use domain::ledger::SessionLedger;
use domain::{ByRoute, Event, Route, RouteChoice, SessionId, Timestamp};
use lab::experiments::simulate::{Clients, Setting, routes};
use lab::run::front::{MoreRoutes, Work};
use lab::run::stack::{Config, Stack};
use runtime::testing::{listen, until};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::Command;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// How it treats events.
#[derive(Clone, Copy, PartialEq)]
enum Manner {
    /// It refuses everything for this long; then it accepts all, but each tenth event on kafka only at the second try.
    Overloaded(Duration),
    /// It accepts everything and keeps nothing.
    Lies,
}

/// Backend and consumer in one, with the ledger's own arithmetic.
struct StandIn {
    manner: Manner,
    began: Instant,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    accounts: BTreeMap<(SessionId, Route), SessionLedger>,
    asked_before: BTreeSet<Uuid>,
    refusals: BTreeMap<(IpAddr, String), Vec<Instant>>,
}

impl StandIn {
    async fn start(manner: Manner) -> (Arc<Self>, String) {
        Self::start_with(manner, |_| Router::new()).await
    }

    /// The same with more routes, given its address.
    async fn start_with(manner: Manner, more: impl FnOnce(SocketAddr) -> Router) -> (Arc<Self>, String) {
        let (listener, url) = listen().await;
        let this = Arc::new(Self { manner, began: Instant::now(), seen: Mutex::default() });
        let router = Router::new()
            .route("/api/events", post(events))
            .route("/api/sessions/{session}/report", post(report))
            .route("/api/ledger", get(ledger))
            .with_state(this.clone())
            .merge(more(listener.local_addr().unwrap()));
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(axum::serve(listener, service).into_future());
        (this, url)
    }
}

async fn events(
    State(stand_in): State<Arc<StandIn>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Query(query): Query<BTreeMap<String, String>>,
    body: String,
) -> Response {
    let mut seen = stand_in.seen.lock().unwrap();
    let choice: RouteChoice = query["route"].parse().unwrap();
    if matches!(stand_in.manner, Manner::Overloaded(until) if stand_in.began.elapsed() < until) {
        seen.refusals.entry((peer.ip(), choice.to_string())).or_default().push(Instant::now());
        return (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "1")], "full").into_response();
    }
    let events: Vec<Event> = serde_json::from_str(&body).unwrap();
    let results = events.iter().map(|event| {
        let routes = choice.routes().iter().map(|&route| (route, seen.take(stand_in.manner, event, route))).collect();
        EventResult { id: Some(event.id.to_string()), routes }
    });
    Json(IngestReply { results: results.collect(), ..IngestReply::default() }).into_response()
}

impl Seen {
    fn take(&mut self, manner: Manner, event: &Event, route: Route) -> Outcome {
        assert_eq!(event.validate(), Ok(()));
        if manner == Manner::Lies {
            return Outcome::Accepted;
        }
        let tenth = event.sequence.is_some_and(|number| number.is_multiple_of(10));
        if tenth && route == Route::Kafka && self.asked_before.insert(event.id) {
            return Outcome::Retry { after_ms: 50, reason: "not at the first time".to_owned() };
        }
        let account = self.accounts.entry((event.source.session().unwrap(), route)).or_default();
        account.enter(event.sequence.unwrap(), runtime::clock::now());
        Outcome::Accepted
    }
}

async fn report(
    State(stand_in): State<Arc<StandIn>>,
    Path(session): Path<SessionId>,
    Json(report): Json<SessionReport>,
) -> StatusCode {
    let mut seen = stand_in.seen.lock().unwrap();
    for (route, report) in report.routes {
        assert!(report.is_plausible());
        seen.accounts.entry((session, route)).or_default().add_report(&report, runtime::clock::now()).unwrap();
    }
    StatusCode::NO_CONTENT
}

async fn ledger(
    State(stand_in): State<Arc<StandIn>>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Json<LedgerView> {
    let wanted: SessionId = query["session"].parse().unwrap();
    let seen = stand_in.seen.lock().unwrap();
    let own = seen.accounts.iter().filter(|((session, _), _)| *session == wanted);
    let view = |(&(session, route), account): (&(SessionId, Route), &SessionLedger)| {
        let (balance, gaps) = (account.balance(Timestamp::MAX), account.lost(Timestamp::MAX));
        let numbered = account.report.emitted.last().unwrap_or_default();
        SessionView { session, route, balance, numbered, gaps, seen: None, last_heard: None }
    };
    Json(LedgerView { sessions: own.map(view).collect(), ..LedgerView::default() })
}

fn ese(target: &str, flags: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ese"));
    command.args(["simulate", "--json", "--target", target]).args(flags).kill_on_drop(true);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn all_is_well(summary: &Summary, routes: &[Route]) {
    assert_eq!(summary.failures, Vec::<String>::new());
    assert!(
        summary.routes.keys().eq(routes.iter().copied()) && summary.ledger.keys().eq(routes.iter().copied()),
        "{summary:?}"
    );
    for (route, balance) in summary.ledger.iter() {
        let sent = &summary.routes[route];
        assert_eq!((sent.emitted, sent.waiting), (summary.created, 0));
        assert_eq!((balance.emitted, balance.processed), (summary.created, sent.accepted));
        assert_eq!((balance.in_flight, balance.lost, balance.residual), (0, 0, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_clients_wait_shed_and_keep_to_the_schedule() {
    let (stand_in, target) = StandIn::start(Manner::Overloaded(Duration::from_millis(2500))).await;
    let parameters = Parameters { clients: 4, rate: 400.0, seconds: 4, shape: Shape::Poisson, ..Parameters::default() };
    let setting =
        Setting { queue_bytes: 16 * 1024, linger_ms: 50, settle: Duration::from_secs(60), ..Setting::new(target) };
    let clients = Clients::new(Parameters { seed: Some(7), ..parameters }, setting).unwrap();
    let summary = clients.run(&CancellationToken::new()).await;

    all_is_well(&summary, &Route::ALL);
    // The plan went on without answers: it made all its events, and none of them waited for room in a queue.
    assert!((1400..1800).contains(&summary.created) && summary.emitting_seconds < 6.0, "{summary:?}");
    for sent in summary.routes.values() {
        assert!(sent.shed > 200 && sent.accepted > 100 && sent.rejected == 0, "{sent:?}");
        assert!(sent.until_accepted.unwrap().max_ms > 1000.0, "a refusal belongs to the route: {sent:?}");
    }
    let seen = stand_in.seen.lock().unwrap();
    assert_eq!(seen.refusals.len(), 4 * 3, "each client has an address of its own, and a sender for each route");
    for times in seen.refusals.values() {
        let gaps: Vec<Duration> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(!gaps.is_empty() && gaps.iter().all(|gap| *gap >= Duration::from_millis(990)), "{gaps:?}");
    }
    assert!(seen.asked_before.len() > 10);
    assert!(seen.accounts.values().all(|account| account.duplicates == 0), "only kafka was asked again for kafka");
}

#[tokio::test(flavor = "multi_thread")]
async fn light_clients_send_many_events_and_wait_when_they_are_refused() {
    let (stand_in, target) = StandIn::start(Manner::Overloaded(Duration::from_millis(1500))).await;
    let parameters = Parameters { clients: 3, rate: 6000.0, seconds: 2, count: Some(9000), ..Parameters::default() };
    let setting = Setting { queue_bytes: 200 * 1024, settle: Duration::from_secs(60), ..Setting::new(target) };
    let clients = Clients::new(parameters, setting).unwrap();
    let summary = clients.run(&CancellationToken::new()).await;

    all_is_well(&summary, &Route::ALL);
    assert_eq!((summary.created, summary.bursts, summary.orders_left), (9000, 0, 0), "light clients only click");
    for sent in summary.routes.values() {
        assert!(sent.shed > 1000 && sent.accepted > 1000 && sent.rejected == 0, "{sent:?}");
    }
    let seen = stand_in.seen.lock().unwrap();
    let gaps = seen.refusals.values().flat_map(|times| times.windows(2).map(|pair| pair[1] - pair[0]));
    assert!(gaps.min().is_some_and(|gap| gap >= Duration::from_millis(990)), "a refusal names the time to wait");
    assert!(seen.asked_before.len() > 10);
    assert!(seen.accounts.values().all(|account| account.duplicates == 0), "only kafka was asked again for kafka");
}

#[tokio::test]
async fn an_accepted_event_that_never_arrives_is_a_failure() {
    let (_stand_in, target) = StandIn::start(Manner::Lies).await;
    let output = ese(&target, &["--count", "40", "--rate", "200", "--route", "kafka", "--settle", "2"]).output().await;
    let output = output.unwrap();
    let summary: Summary = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(summary.failures, ["kafka: 40 accepted events are lost."]);
    assert_eq!((summary.created, summary.routes[Route::Kafka].accepted), (40, 40));
}

#[tokio::test]
async fn ctrl_c_ends_the_schedule_and_the_ledger_is_still_completed() {
    let (_stand_in, target) = StandIn::start(Manner::Overloaded(Duration::ZERO)).await;
    let child = ese(&target, &["--duration", "600", "--rate", "100", "--route", "http-push"]).spawn().unwrap();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let pid = Pid::from_raw(i32::try_from(child.id().unwrap()).unwrap()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    let output = tokio::time::timeout(Duration::from_secs(60), child.wait_with_output()).await.unwrap().unwrap();
    let summary: Summary = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{summary:?}");
    assert!(summary.stopped && summary.created > 0 && summary.created < 600);
    all_is_well(&summary, &[Route::HttpPush]);
}

#[tokio::test]
async fn bad_parameters_are_one_line_of_error() {
    let output = ese("http://127.0.0.1:9", &["--clients", "501"]).output().await.unwrap();
    assert_eq!(output.status.code(), Some(64));
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(message, "ese: `clients` must be a whole number from 1 to 500\n");
    let output = ese("http://127.0.0.1:9", &["--rate", "6000", "--linger", "5"]).output().await.unwrap();
    assert_eq!(output.status.code(), Some(64), "an option without effect is refused");
}

async fn look(address: &str) -> SimulationView {
    reqwest::get(format!("{address}/api/simulation")).await.unwrap().json().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulation_in_a_terminal_is_shown_until_it_is_silent() {
    let simulator = |front| routes(front, &Work::default());
    let (_stand_in, target) = StandIn::start_with(Manner::Overloaded(Duration::ZERO), simulator).await;
    let mut child = ese(&target, &["--duration", "600", "--rate", "42", "--route", "kafka"]).spawn().unwrap();
    let announced = async || look(&target).await.announced;
    until("it is shown", async || announced().await.iter().any(|one| one.created > 0)).await;
    let shown = announced().await.remove(0);
    let parameters = (shown.parameters.rate, shown.parameters.route, shown.parameters.seconds);
    assert_eq!((parameters, shown.phase), ((42.0, RouteChoice::One(Route::Kafka), 600), Phase::Emitting));
    assert_eq!(look(&target).await.running, None, "the page cannot stop it");
    child.kill().await.unwrap();
    until("a killed one disappears", async || announced().await.is_empty()).await;
}

#[tokio::test]
async fn announcements_are_few_small_and_of_this_machine() {
    let simulator = |front| routes(front, &Work::default());
    let (_stand_in, target) = StandIn::start_with(Manner::Lies, simulator).await;
    let client = reqwest::Client::new();
    let put = |number: u64| client.put(format!("{target}/api/simulation/{}", Uuid::from_u64_pair(0, number)));
    let status = async |request: reqwest::RequestBuilder| request.send().await.unwrap().status().as_u16();
    let (parameters, phase, routes) = (Parameters::default(), Phase::Emitting, ByRoute::default());
    let progress = Progress { parameters, phase, elapsed_seconds: 1.0, created: 7, routes };

    assert_eq!(status(put(1).header("origin", "http://localhost:1").json(&progress)).await, 403);
    let json = put(1).header("content-type", "application/json");
    assert_eq!(status(json.body(" ".repeat(10_000))).await, 413);
    let parameters = Parameters { rate: 1e9, ..parameters };
    assert_eq!(status(put(1).json(&Progress { parameters, ..progress.clone() })).await, 400);
    assert_eq!(look(&target).await, SimulationView::default());

    let most = MAX_ANNOUNCED as u64;
    for number in 1..=most {
        assert_eq!(status(put(number).json(&progress)).await, 204);
    }
    assert_eq!(status(put(most + 1).json(&progress)).await, 503);
    assert_eq!(look(&target).await.announced, vec![progress; MAX_ANNOUNCED]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_real_stack_has_an_exact_ledger_from_the_command_line_and_from_the_page() {
    let data = tempfile::tempdir().unwrap();
    let more_routes: MoreRoutes = Arc::new(|front, work| routes(front, &work));
    let config = Config { more_routes, ..Config::new(data.path()) };
    let stack = Stack::start(config).await.unwrap();
    let address = stack.address();
    let flags = ["--rate", "300", "--duration", "4", "--ramp-up", "1", "--shape", "burst", "--settle", "60"];
    let output = ese(&address, &flags).output().await.unwrap();
    let summary: Summary = serde_json::from_slice(&output.stdout).unwrap();
    assert!(output.status.success(), "{summary:?}");
    all_is_well(&summary, &Route::ALL);
    assert!(summary.created > 1000, "{summary:?}");
    for sent in summary.routes.values() {
        let times = (sent.until_accepted.is_some(), sent.until_processed.is_some());
        assert_eq!((sent.accepted, times), (sent.emitted, (true, true)), "{sent:?}");
    }

    until("the one in the terminal is shown no more", async || look(&address).await.announced.is_empty()).await;

    // A simulation from the page.
    let client = reqwest::Client::new();
    let at = format!("{address}/api/simulation");
    let start = |json: &'static str| client.post(&at).header("content-type", "application/json").body(json).send();
    assert_eq!(start(r#"{"rate": 6000}"#).await.unwrap().status(), 400);
    assert_eq!(start(r#"{"speed": 1}"#).await.unwrap().status(), 422);
    let foreign = client.post(&at).header("origin", "http://localhost:1").json(&Parameters::default()).send().await;
    assert_eq!(foreign.unwrap().status(), 403);
    assert_eq!(client.delete(&at).send().await.unwrap().status(), 404, "none is under way");
    assert_eq!(look(&address).await, SimulationView::default());

    let parameters = r#"{"rate": 100, "clients": 5, "seconds": 600, "shape": "poisson", "route": "http-poll"}"#;
    assert_eq!(start(parameters).await.unwrap().status(), 202);
    assert_eq!(start("{}").await.unwrap().status(), 409);
    until("it sends", async || look(&address).await.running.unwrap().created >= 50).await;
    assert_eq!(client.delete(&at).send().await.unwrap().status(), 202);
    until("it ends", async || look(&address).await.running.is_none()).await;
    let last = look(&address).await.last.unwrap();
    assert!(last.stopped);
    all_is_well(&last, &[Route::HttpPoll]);
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_broker_delays_neither_http_route() {
    let data = tempfile::tempdir().unwrap();
    let stack = Stack::start(Config::new(data.path())).await.unwrap();
    stack.faults().start(FaultRequest::new("kill", "broker")).await.unwrap();
    let parameters = Parameters { clients: 2, rate: 20.0, seconds: 3, seed: Some(7), ..Parameters::default() };
    let setting = Setting { settle: Duration::from_secs(7), ..Setting::new(stack.address()) };
    let summary = Clients::new(parameters, setting).unwrap().run(&CancellationToken::new()).await;
    for route in [Route::HttpPush, Route::HttpPoll] {
        let sent = &summary.routes[route];
        assert_eq!((sent.accepted, sent.waiting), (summary.created, 0), "{route}");
        assert!(sent.until_accepted.unwrap().max_ms < 1000.0, "{route}: {sent:?}");
        assert_eq!(summary.ledger[route].processed, summary.created, "{route}");
    }
    let kafka = &summary.routes[Route::Kafka];
    assert_eq!((kafka.accepted, kafka.waiting), (0, summary.created));
    assert!(summary.failures.iter().all(|failure| failure.starts_with("kafka: ")), "{:?}", summary.failures);
    stack.stop().await;
}
