//! `ese bench`: how fast the system is beside the limits of the same machine, with exact books at the end.
//!
//! - `plan`, `runner`: what is measured and in which order
//! - `measured_stack`: a stack, the bare handler beside it, and the books of all loads
//! - `throughput`, `latency`, `backlog`, `series`: the measurements; `producer`, `bare_kafka`: their limits on Kafka
//! - [`handler`]: the bare handler; [`generator`] (`load`, `template`, `answer`, `open_loop`, `load_counts`): the load
//! - `results`, `goals`, `table`, `report`, `plot`, `history`, `output`: the numbers, and how they are shown and published

mod answer;
mod backlog;
mod bare_kafka;
pub mod generator;
mod goals;
pub mod handler;
mod history;
mod latency;
mod load;
mod load_counts;
mod measured_stack;
mod open_loop;
mod output;
mod plan;
mod plot;
mod producer;
mod report;
mod results;
mod runner;
mod series;
mod table;
mod template;
mod throughput;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use domain::Route;
use runtime::clock;
use runtime::config::with_port;
use tokio_util::sync::CancellationToken;

use crate::experiments::foreground::{self, EXIT_INTERRUPTED};
use crate::experiments::machine::{machine, versions};
use crate::terminal;
use plan::{Extent, Plan};
use results::Results;
use runner::Runner;

/// The flags of `ese bench`.
#[derive(Clone, Debug, clap::Args)]
pub struct BenchArgs {
    /// Each measurement for a short time, without growing loads and PostgreSQL: at most four minutes
    #[arg(long)]
    pub quick: bool,
    /// Only single events, for about a minute; fails if a share of the bare handler is less than two thirds of that in this file
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true,
        default_missing_value = "docs/performance/results.json", conflicts_with_all = ["quick", "against", "out"])]
    pub ratios: Option<PathBuf>,
    /// Measure the original example's `POST /event` here and on this server, too; can be given several times
    #[arg(long, value_name = "URL", value_parser = runtime::config::base_url)]
    pub against: Vec<String>,
    /// Where the results are written; a full run with --commit is added to the history there
    #[arg(long, value_name = "DIR", default_value = "bench")]
    pub out: PathBuf,
    /// Only these routes
    #[arg(long, value_name = "ROUTE,…", value_delimiter = ',', default_value = "http-push,http-poll,kafka")]
    pub routes: Vec<Route>,
    /// How often each target has its turn in closed loops, instead of the plan's number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub rounds: Option<u32>,
    /// The time of each load, in seconds, instead of the plan's
    #[arg(long, value_name = "SECONDS", value_parser = runtime::config::seconds)]
    pub seconds: Option<Duration>,
    /// How many events memory is measured after, and how many wait for the consumer, instead of the plan's numbers
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1000..=100_000_000))]
    pub events: Option<u64>,
    /// Repeat the order of the turns of this seed; by default a new one, which is printed
    #[arg(long)]
    pub seed: Option<u64>,
    /// The commit of the programs, for the history
    #[arg(long, value_name = "HASH")]
    pub commit: Option<String>,
    /// Run nothing; write the page about these results, and the history beside them, again
    #[arg(long, value_name = "FILE", conflicts_with_all = ["quick", "ratios", "against"])]
    pub from: Option<PathBuf>,
}

impl BenchArgs {
    fn plan(&self) -> Plan {
        let extent = match (&self.ratios, self.quick) {
            (Some(_), _) => Extent::Ratios,
            (None, true) => Extent::Quick,
            (None, false) => Extent::Full,
        };
        let elsewhere = self.against.iter().map(|url| address(url)).collect();
        let mut plan = Plan::new(extent, self.routes.clone(), elsewhere);
        plan.rounds = self.rounds.unwrap_or(plan.rounds);
        plan.times[1] = self.seconds.map_or(plan.times[1], |time| time.as_secs_f64());
        plan.events = self.events.map_or(plan.events, |events| [events; 2]);
        plan
    }

    /// Whether everything is measured as planned.
    fn is_full(&self) -> bool {
        let changed = self.rounds.is_some() || self.seconds.is_some() || self.events.is_some();
        let all = Route::ALL.iter().all(|route| self.routes.contains(route));
        !self.quick && !changed && self.ratios.is_none() && all
    }
}

/// HOST:PORT of a base URL.
fn address(url: &str) -> String {
    with_port(url.trim_start_matches("http://"), 80)
}

/// Measures, prints the table, and writes the results; Ctrl-C stops everything, and nothing is written.
pub async fn run(args: BenchArgs) -> anyhow::Result<ExitCode> {
    if let Some(file) = &args.from {
        output::write_page(file, &args.out)?;
        return Ok(ExitCode::SUCCESS);
    }
    let published = args.ratios.as_deref().map(output::read).transpose()?;
    let (plan, began, started) = (args.plan(), clock::now().to_string(), Instant::now());
    let seed = args.seed.unwrap_or_else(|| rand::random::<u32>().into());
    let expected = plan.expected_seconds();
    terminal::err(&format!(
        "About {:.0} min; --seed {seed} repeats the order. Ctrl-C stops everything.",
        expected / 60.0
    ));
    let now = Mutex::new(String::new());
    let show = |what: &str| {
        let text = format!("{what} ({:.0} of about {expected:.0} s)", started.elapsed().as_secs_f64());
        terminal::step(&text);
        *now.lock().unwrap_or_else(PoisonError::into_inner) = text;
    };
    let stop = CancellationToken::new();
    let runner = Runner { plan: &plan, seed, stop: &stop, show: &show };
    let shown = || now.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let measured = match foreground::run(runner.run(), &stop, shown).await {
        Some(measured) if !stop.is_cancelled() => measured?,
        _ => return Ok(ExitCode::from(EXIT_INTERRUPTED)),
    };
    let (machine, versions) = tokio::task::spawn_blocking(|| (machine(), versions())).await?;
    let results = Results {
        version: results::VERSION,
        began,
        commit: args.commit.clone(),
        command: command(&args, seed),
        full: args.is_full() && measured.left_out.is_empty(),
        events: plan.events,
        machine,
        versions,
        left_out: measured.left_out,
        figures: measured.samples.figures(),
        loads: measured.loads,
    };
    terminal::out(&table::table(&results));
    match published {
        Some(published) => Ok(judged(&results, &published)),
        None => output::write(&args.out, &results).map(|()| ExitCode::SUCCESS),
    }
}

fn judged(results: &Results, published: &Results) -> ExitCode {
    let losses = goals::losses(results, published);
    losses.iter().for_each(|loss| terminal::err(loss));
    if losses.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The command line that repeats it.
fn command(args: &BenchArgs, seed: u64) -> String {
    let mut command = "ese bench".to_owned();
    command += if args.quick { " --quick" } else { "" };
    command.extend(args.against.iter().map(|url| format!(" --against {url}")));
    if args.routes != Route::ALL {
        command += &format!(" --routes {}", args.routes.iter().map(|route| route.name()).collect::<Vec<_>>().join(","));
    }
    command.extend(args.rounds.map(|rounds| format!(" --rounds {rounds}")));
    command.extend(args.seconds.map(|seconds| format!(" --seconds {}", seconds.as_secs_f64())));
    command.extend(args.events.map(|events| format!(" --events {events}")));
    command + &format!(" --seed {seed}")
}
