//! `ese simulate`: simulated clients send events on a schedule, and every event is followed into the ledger.
//!
//! A simulated client is the page's own tracker: it numbers, queues, sheds, retries and reports as in a browser.
//! - `plan`, `arrivals`: the actions of all clients; a pure function of the parameters and a seed
//! - `clients`: the schedule, which waits for no answer
//! - `any_client`: one of them: `client` is the tracker with its connection, `light` a light client for high rates
//! - `follow`: follows the live stream, for the times until processed
//! - `settle`: waits for the ledger; `text`: the summary for people; `http`: the simulator for the page
//! - `announce`, `announced`: a simulation in a terminal announces itself, and the page shows it

mod announce;
mod announced;
mod any_client;
pub(super) mod arrivals;
pub(super) mod client;
pub(super) mod clients;
pub(super) mod clock;
mod follow;
mod http;
mod light;
pub(super) mod observer;
mod plan;
mod setting;
mod settle;
mod text;
pub(super) mod times;

pub use clients::Clients;
pub use http::routes;
pub use setting::{QUEUE_BYTES, SETTLE, Setting};

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use domain::RouteChoice;
use domain::api::simulation::{MAX_SECONDS, Parameters, Shape};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::experiments::access::AccessArgs;
use crate::experiments::foreground::{self, EXIT_INTERRUPTED};
use crate::terminal;

/// How long an event of a simulation from the page waits for others of its request, in milliseconds.
pub const PAGE_LINGER_MS: u32 = 50;

/// The flags of `ese simulate`.
#[derive(Clone, Debug, clap::Args)]
pub struct SimulateArgs {
    /// The stack
    #[arg(long, default_value = "http://127.0.0.1:8080", value_name = "URL", value_parser = runtime::config::base_url)]
    pub target: String,
    /// The admin token.
    #[command(flatten)]
    pub access: AccessArgs,
    /// How many clients, each a session with an IP of its own (on this machine), at most 500
    #[arg(long, default_value_t = Parameters::default().clients)]
    pub clients: u32,
    /// Events per second over all clients, at most 50000; with the route `all` each goes over each route. Above 5000 the clients
    /// are light: they click and do nothing else, and the times until processed are not measured
    #[arg(long, default_value_t = Parameters::default().rate)]
    pub rate: f64,
    /// How the rate changes: constant, ramp (rising from 0), burst (of every 10 s two at 3 × the rate, eight at half of
    /// it) or poisson (gaps by chance)
    #[arg(long, default_value_t)]
    pub shape: Shape,
    /// How long, in whole seconds, at most 600; by default 60, or with --count as long as that takes
    #[arg(long, value_name = "SECONDS")]
    pub duration: Option<u32>,
    /// End after so many events
    #[arg(long, value_name = "EVENTS")]
    pub count: Option<u64>,
    /// http-push, http-poll, kafka or all
    #[arg(long, default_value_t = Parameters::default().route)]
    pub route: RouteChoice,
    /// Repeat the plan of this seed; by default a new one, which is printed
    #[arg(long)]
    pub seed: Option<u32>,
    /// Over how many seconds the clients come, one after the other; the rate rises with them
    #[arg(long, default_value_t = 0, value_name = "SECONDS")]
    pub ramp_up: u32,
    /// How many bytes of events each client keeps while they cannot be sent; past that it sheds
    #[arg(long, default_value_t = QUEUE_BYTES, value_name = "BYTES", value_parser = queue_bytes)]
    pub queue: usize,
    /// How long an event waits for others of its request, in milliseconds, at most 10000; at 0 it is sent as soon as its
    /// sender is free
    #[arg(long, default_value_t = 0, value_name = "MS", value_parser = clap::value_parser!(u32).range(..=10_000))]
    pub linger: u32,
    /// How long to wait at the end until everything is in the ledger, in seconds
    #[arg(long, default_value = "30", value_name = "SECONDS", value_parser = runtime::config::seconds)]
    pub settle: Duration,
    /// Print the summary as JSON
    #[arg(long)]
    pub json: bool,
}

fn queue_bytes(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(bytes @ 1024..=67_108_864) => Ok(bytes),
        _ => Err("give a number of bytes from 1024 to 67108864".to_owned()),
    }
}

impl SimulateArgs {
    fn parameters(&self) -> Parameters {
        let seconds = match (self.duration, self.count) {
            (Some(seconds), _) => seconds,
            (None, Some(_)) => MAX_SECONDS,
            (None, None) => Parameters::default().seconds,
        };
        Parameters {
            clients: self.clients,
            rate: self.rate,
            shape: self.shape,
            route: self.route,
            seconds,
            count: self.count,
            ramp_up_seconds: self.ramp_up,
            seed: self.seed,
        }
    }
}

/// Simulates, and prints the summary; the exit code is 0 if the ledger is exact and complete.
///
/// The first Ctrl-C ends the schedule, the second everything.
pub async fn run(args: SimulateArgs) -> anyhow::Result<ExitCode> {
    let parameters = args.parameters();
    if let Err(error) = parameters.check_in_terminal() {
        terminal::err(&format!("ese: {error}"));
        return Ok(ExitCode::from(runtime::config::EXIT_USAGE));
    }
    let is_light = any_client::is_light(&parameters);
    if is_light && args.linger > 0 {
        terminal::err("ese: light clients, above 5000 events/s, send as soon as they can: leave out --linger");
        return Ok(ExitCode::from(runtime::config::EXIT_USAGE));
    }
    let (queue_bytes, linger_ms, settle) = (args.queue, args.linger, args.settle);
    let headers = args.access.headers()?;
    let setting =
        Setting { headers: headers.clone(), queue_bytes, linger_ms, settle, ..Setting::new(args.target.clone()) };
    let clients = Arc::new(Clients::new(parameters, setting)?);
    let seed = clients.parameters().seed.unwrap_or_default();
    let light = if is_light { " The clients are light: they only click." } else { "" };
    terminal::err(&format!("Seed {seed}; --seed {seed} with the same flags repeats the plan. Ctrl-C ends it.{light}"));

    // It ends when the set is dropped.
    let mut announcing = JoinSet::new();
    announcing.spawn(announce::announce(args.target, headers, clients.clone()));
    let stop = CancellationToken::new();
    let progress = || text::progress(&clients.progress());
    let Some(summary) = foreground::run(clients.run(&stop), &stop, progress).await else {
        return Ok(ExitCode::from(EXIT_INTERRUPTED));
    };
    terminal::out(&if args.json { serde_json::to_string_pretty(&summary)? } else { text::summary(&summary) });
    Ok(if summary.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
