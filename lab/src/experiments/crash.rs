//! `ese crash`: sends known events over every route while parts are killed at random, and audits the result.
//!
//! The clients retry as a correct client does, and each keeps a journal of its accepted events. At the end, for every
//! session and route: no accepted event is lost, none had effects twice, and the residual of the ledger is 0.
//! A seed repeats the events and the kills; the scheduling of the operating system is not repeated.

mod audit;
mod client;
mod journal;
mod kill_schedule;
mod postgres;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use domain::{Route, RouteChoice};
use futures_util::future::try_join_all;
use rand::SeedableRng;
use rand::rngs::StdRng;
use runtime::injected_bug::InjectedBug;
use tokio_util::sync::CancellationToken;

pub use audit::Report;
use client::Client;
use kill_schedule::KillTarget;

use crate::run::broker::{self, BrokerChoice};
use crate::run::stack::{Config, Stack};
use crate::terminal;

/// The time until a part must be ready again after the last kill.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The flags of `ese crash`.
#[derive(Clone, Debug, clap::Args)]
pub struct CrashArgs {
    /// Repeat the run with this seed; by default a new one, which is printed
    #[arg(long)]
    pub seed: Option<u64>,
    /// How many times a part is killed
    #[arg(long, default_value_t = 20)]
    pub kills: u32,
    /// Kill parts for so many minutes, instead of a number of times
    #[arg(long, conflicts_with = "kills", value_parser = clap::value_parser!(u32).range(1..))]
    pub minutes: Option<u32>,
    /// Kill only these parts
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "backend,consumer,mailer,broker",
        value_name = "PART,…"
    )]
    pub parts: Vec<KillTarget>,
    /// How many consumers share one database as one group, 1 to 4; more than one need --postgres
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=4))]
    pub consumers: u8,
    /// How many sessions send over each route, and as many over all three
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=60))]
    pub sessions: u8,
    /// How long the routes may take to drain at the end, in seconds
    #[arg(long, default_value = "90", value_name = "SECONDS", value_parser = runtime::config::seconds)]
    pub patience: Duration,
    /// Which broker: auto, apache or nisshi
    #[arg(long, default_value = "auto", value_name = "BROKER")]
    pub broker: BrokerChoice,
    /// How many brokers: 1, or a cluster of 3
    #[arg(long, default_value_t = 1, value_name = "1|3", value_parser = broker::brokers)]
    pub brokers: u8,
    /// Inject a deliberate bug into all services, which the audit must find; debug builds only
    #[arg(long, value_enum, value_name = "BUG")]
    pub injected_bug: Option<InjectedBug>,
    /// Keep data, logs and journals in this new directory; by default a temporary one
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Use new databases on this PostgreSQL server instead of SQLite files
    #[arg(long, value_name = "postgres://USER@HOST:PORT")]
    pub postgres: Option<String>,
}

/// Runs the crash test and prints its report; the exit code is 0 if the ledger is exact.
pub async fn run(args: CrashArgs) -> anyhow::Result<ExitCode> {
    let report = run_test(args).await?;
    terminal::out(&report.to_string());
    Ok(if report.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs the crash test.
pub async fn run_test(args: CrashArgs) -> anyhow::Result<Report> {
    let has_bugs = args.injected_bug.is_none() || cfg!(debug_assertions);
    anyhow::ensure!(has_bugs, "only a debug build has bugs to inject, such as target/debug/ese");
    let seed = args.seed.unwrap_or_else(rand::random);
    if args.consumers > 1 && args.postgres.is_none() {
        anyhow::bail!("{} consumers need one database that they share: give --postgres", args.consumers);
    }
    terminal::out(&format!("Seed {seed}; the same flags with `--seed {seed}` repeat this run."));
    let temporary = std::env::temp_dir().join(format!("ese-crash-{}-{seed}", std::process::id()));
    let data_dir = args.data_dir.clone().unwrap_or_else(|| temporary.clone());
    std::fs::create_dir_all(data_dir.join("journals"))
        .with_context(|| format!("cannot make {}", data_dir.display()))?;

    let mut config = Config::new(&data_dir);
    config.broker = args.broker.clone();
    config.brokers = args.brokers;
    config.consumers = args.consumers;
    config.injected_bug = args.injected_bug;
    if let Some(server) = &args.postgres {
        config.databases = postgres::databases(server.trim_end_matches('/'), seed).await?;
    }
    config.progress = Arc::new(terminal::err);
    let stack = Stack::start(config).await?;
    let outcome = on(&stack, &args, seed, &data_dir).await;
    stack.stop().await;
    let exact = outcome.as_ref().is_ok_and(|report| report.failures.is_empty());
    if exact && args.data_dir.is_none() {
        std::fs::remove_dir_all(&temporary)?;
    } else {
        terminal::err(&format!("Logs, databases and journals are in {}.", data_dir.display()));
    }
    outcome
}

async fn on(stack: &Stack, args: &CrashArgs, seed: u64, data_dir: &std::path::Path) -> anyhow::Result<Report> {
    let mut seeds = StdRng::seed_from_u64(seed);
    let choices = Route::ALL.map(RouteChoice::One).into_iter().chain([RouteChoice::All]);
    let clients =
        choices.flat_map(|choice| (0..args.sessions).map(move |_| choice)).zip(1u8..).map(|(choice, number)| {
            let seed = StdRng::from_rng(&mut seeds);
            Client::new(stack.address(), choice, number, seed, &data_dir.join("journals"))
        });
    let clients: Vec<Client> = clients.collect::<anyhow::Result<_>>()?;
    let stop = CancellationToken::new();
    let sending = clients.into_iter().map(|client| tokio::spawn(client.run(stop.clone())));
    let sending: Vec<_> = sending.collect();

    let end = args.minutes.map(|minutes| Instant::now() + Duration::from_secs(60) * minutes);
    let goes_on = |kills: usize| end.map_or(kills < args.kills as usize, |end| Instant::now() < end);
    let log = kill_schedule::run(stack, &args.parts, goes_on, &mut seeds).await?;
    for part in ["backend", "mailer"].iter().chain(stack.brokers()).chain(stack.consumers()) {
        stack.until_ready(part, TIMEOUT).await?;
    }
    stop.cancel();
    let records = try_join_all(sending).await?.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
    audit::audit(&stack.address(), seed, log, &records, args.patience).await
}
