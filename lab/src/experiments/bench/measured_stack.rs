//! A stack to measure, with the bare handler beside it and the books of all loads.

use std::collections::BTreeMap;
use std::fs::Permissions;
use std::mem;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, ensure};
use domain::api::{LedgerView, SessionReport};
use domain::ledger::{Balance, Report};
use domain::{ByRoute, Intervals, Route, SessionId};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::handler::{self, HANDLER};
use super::load::{Load, Loaded};
use crate::experiments::proc::{TICKS_A_SECOND, family, resident, ticks};
use crate::experiments::wire::Wire;
use crate::run::free_ports;
use crate::run::stack::{Config, DatabaseKind, Stack};
use crate::run::supervise::{Process, State};

/// How long the bare handler may take to start.
const START: Duration = Duration::from_secs(10);
/// How long no event may be processed although some are due.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a load may take beyond its time.
const SLACK: Duration = Duration::from_secs(60);
/// The time between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How many reports are under way at once.
const REPORTS_AT_ONCE: usize = 8;
/// Long enough for every event to wait for a consumer that is stopped.
const STORE_TTL: Duration = Duration::from_secs(3600);
/// Enough room for them.
const STORE_BYTES: u64 = 64 << 30;

/// The stack, the handler and the books.
pub(super) struct MeasuredStack {
    pub(super) stack: Stack,
    pub(super) handler: SocketAddr,
    /// HOST:PORT of the broker, if there is one.
    pub(super) broker: Option<String>,
    process: Process,
    consumer: Wire,
    /// How many events the loads had accepted, numbered ones and others.
    accepted: Mutex<[ByRoute<u64>; 2]>,
    /// The sessions of all loads, and how many events each had accepted.
    sessions: Mutex<Vec<(Route, String, u64)>>,
}

/// Does `work` on a new stack in a directory of its own. It fails if the books are not exact at the end: a system that is fast
/// and wrong has no numbers.
pub(super) async fn on_new_stack<T>(
    routes: &[Route],
    database: DatabaseKind,
    stop: &CancellationToken,
    work: impl AsyncFnOnce(&MeasuredStack) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    // The user postgres must be able to open it.
    let open = Permissions::from_mode(0o755);
    let directory = tempfile::Builder::new().prefix("ese-bench-").permissions(open).tempdir()?;
    let stack = MeasuredStack::prepare(routes, database, directory.path()).await?;
    let measured = async {
        stack.stack.bring_up().await?;
        stack.start_handler().await?;
        let measured = work(&stack).await?;
        stack.check_books(routes).await?;
        anyhow::Ok(measured)
    };
    let measured = stop.run_until_cancelled(measured).await;
    stack.process.stop().await;
    stack.stack.stop().await;
    measured.unwrap_or_else(|| Err(anyhow!("it was stopped before its end")))
}

impl MeasuredStack {
    async fn prepare(routes: &[Route], database: DatabaseKind, directory: &Path) -> anyhow::Result<Self> {
        let [broker, handler] = free_ports::pick()?;
        let (with_broker, address) = (routes.contains(&Route::Kafka), free_ports::loopback(handler));
        let config = Config {
            brokers: u8::from(with_broker),
            broker_port: broker,
            database,
            store_ttl: Some(STORE_TTL),
            store_bytes: Some(STORE_BYTES),
            ..Config::new(directory.join("data"))
        };
        let recipe = handler::recipe(&config.programs, address, directory);
        let stack = Stack::prepare(config).await?;
        Ok(Self {
            consumer: Wire::new(&format!("http://{}", stack.upstreams().consumer), None)?,
            stack,
            handler: address,
            broker: with_broker.then(|| format!("127.0.0.1:{broker}")),
            process: Process::new(recipe, Arc::new(|_| ()))?,
            accepted: Mutex::default(),
            sessions: Mutex::default(),
        })
    }

    async fn start_handler(&self) -> anyhow::Result<()> {
        self.process.start().await?;
        let began = Instant::now();
        while TcpStream::connect(self.handler).await.is_err() {
            ensure!(began.elapsed() < START, "the bare handler does not start");
            sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    /// Makes a load in a process of its own. What is accepted by the backend goes into the books.
    pub(super) async fn load(&self, load: &Load) -> anyhow::Result<Loaded> {
        let mut command = Command::new(Config::new("").programs.join("ese"));
        command.arg("bench-load").arg(serde_json::to_string(load)?);
        // Ctrl-C reaches only this process, which then ends the load.
        command.stdin(Stdio::null()).process_group(0).kill_on_drop(true);
        let limit = Duration::from_secs_f64(load.warm_up + load.seconds) + SLACK;
        let output = timeout(limit, command.output()).await.context("a load did not end in its time")??;
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "a load of {} failed: {}", load.address, errors.trim());
        let loaded: Loaded = serde_json::from_slice(&output.stdout).context("a load has no result")?;
        if let Some(route) = load.route {
            let mut accepted = self.accepted.lock().unwrap_or_else(PoisonError::into_inner);
            *accepted[usize::from(!load.shape.is_numbered())].get_or_default(route) += loaded.accepted;
            let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
            sessions.extend(loaded.sessions.iter().map(|(session, accepted)| (route, session.clone(), *accepted)));
        }
        Ok(loaded)
    }

    /// How many events of all loads were accepted on a route: numbered ones, and others.
    fn accepted(&self, route: Route) -> [u64; 2] {
        let accepted = self.accepted.lock().unwrap_or_else(PoisonError::into_inner);
        [0, 1].map(|index: usize| accepted[index].get(route).copied().unwrap_or_default())
    }

    /// The ledger's sum of a route, and the events beside it that have no number.
    async fn ledger(&self, route: Route) -> anyhow::Result<(Balance, u64)> {
        let view: LedgerView = self.consumer.get("/api/ledger?limit=1").await?;
        let balance = view.routes.get(route).copied().unwrap_or_default();
        Ok((balance, view.unnumbered.get(route).copied().unwrap_or_default()))
    }

    /// How many events of a route are processed; none if the consumer does not answer.
    pub(super) async fn processed(&self, route: Route) -> Option<u64> {
        self.ledger(route).await.ok().map(|(balance, unnumbered)| balance.processed + unnumbered)
    }

    /// Waits until every accepted event of a route is processed.
    pub(super) async fn until_processed(&self, route: Route) -> anyhow::Result<()> {
        let due: u64 = self.accepted(route).iter().sum();
        let (mut last, mut since) = (0, Instant::now());
        loop {
            let now = self.processed(route).await.unwrap_or(last);
            if now >= due {
                return Ok(());
            }
            if now != last {
                (last, since) = (now, Instant::now());
            }
            let patient = since.elapsed() < PATIENCE;
            ensure!(patient, "{now} of {due} accepted events are processed on the route {route}, and no more come");
            sleep(LOOK_EVERY).await;
        }
    }

    /// Reports what each session sent, as a tracker does, so that the ledger has both sides of its identity.
    async fn report(&self) -> anyhow::Result<()> {
        let sessions = mem::take(&mut *self.sessions.lock().unwrap_or_else(PoisonError::into_inner));
        let sent = sessions.into_iter().filter(|(.., accepted)| *accepted > 0);
        let reports = sent.map(async |(route, session, accepted)| {
            let mut numbers = Intervals::default();
            numbers.insert_range(1, accepted);
            let report = Report { emitted: numbers.clone(), accepted: numbers, ..Report::default() };
            let report = SessionReport { routes: [(route, report)].into(), waits: ByRoute::default() };
            let session: SessionId = session.parse()?;
            ensure!(self.consumer.report(session, &report).await, "the consumer took no report of session {session}");
            anyhow::Ok(())
        });
        stream::iter(reports).buffer_unordered(REPORTS_AT_ONCE).try_collect().await
    }

    async fn check_books(&self, routes: &[Route]) -> anyhow::Result<()> {
        self.report().await?;
        for &route in routes {
            let [numbered, others] = self.accepted(route);
            let (balance, unnumbered) = self.ledger(route).await.context("the ledger cannot be read")?;
            ensure!(
                balance.is_exact() && (balance.processed, unnumbered) == (numbered, others),
                "the books of the route {route} are not exact: {numbered} + {others} events were accepted, {} + {unnumbered} \
                 are processed, {} are in flight, {} are lost, and the residual is {}; numbers of such a system do not count",
                balance.processed,
                balance.in_flight,
                balance.lost,
                balance.residual
            );
        }
        Ok(())
    }

    /// CPU time of every part and of the bare handler, in seconds.
    pub(super) fn cpu(&self) -> BTreeMap<&'static str, f64> {
        let parts = self.stack.parts();
        let State::Running { pid, .. } = self.process.state() else { return BTreeMap::new() };
        let all = parts.own().map(|part| (part, parts.pid(part))).chain([(HANDLER, Some(pid))]);
        let seconds = |pid: u32| family(pid).into_iter().filter_map(ticks).sum::<u64>() as f64 / TICKS_A_SECOND;
        all.filter_map(|(part, pid)| Some((part, seconds(pid?)))).collect()
    }

    /// Resident memory of a part, in MiB.
    pub(super) fn memory(&self, part: &str) -> anyhow::Result<f64> {
        let pid = self.stack.parts().pid(part).with_context(|| format!("the {part} does not run"))?;
        Ok(resident(pid))
    }
}
