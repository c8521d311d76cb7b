//! Measures how smoothly a page runs in headless Chromium while simulated clients send events.
//!
//! A frame is a callback of `requestAnimationFrame`: a chance of the page's main thread to draw. Headless Chromium has no
//! screen and draws on the processor, at most 60 frames a second. A task is one of the main thread in a DevTools trace,
//! with the time from its beginning to its end.
//!
//! Stack, simulator and browser share this machine, although a visitor does not run the servers. So stack and simulator
//! have the lowest priority (nice 19; with `--target` the simulator alone), and the output shows whether they kept up.
//! Before the page, an idle page with an open live stream is measured under the same load: its misses are the
//! machine's, not the page's.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use domain::RouteChoice;
use domain::api::simulation::{MAX_SECONDS, Parameters, Summary};
use e2e::browser::Browser;
use e2e::fixture::dist;
use e2e::frame_rate::{Frames, Pace, RECORD, RECORDED};
use e2e::memory::Memory;
use e2e::trace::{Recording, Task};
use e2e::visitor::Visitor;
use lab::experiments::simulate::{Clients, PAGE_LINGER_MS, Setting};
use lab::run::front::Page;
use lab::run::stack::{Config, Stack};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio_util::sync::CancellationToken;

/// The time of load before the measurement begins, in seconds.
const WARM_UP: u32 = 5;
/// The time of the measurement of the idle page, in seconds.
const NOTHING: u32 = 30;
/// A task longer than this makes a page feel slow, in milliseconds.
const LONG_MS: f64 = 50.0;
/// The lowest priority there is.
const LOWEST: i32 = 19;
/// The most time that the measurement takes besides `--seconds`, in seconds.
const AROUND: u32 = WARM_UP + NOTHING + WARM_UP + 20;

/// Measures how smoothly a page runs in headless Chromium while simulated clients send events.
#[derive(Debug, Parser)]
#[command(name = "frames")]
struct Args {
    /// A running stack; by default one of its own, in a temporary directory
    #[arg(long, value_name = "URL", value_parser = runtime::config::base_url)]
    target: Option<String>,
    /// The page's path
    #[arg(long, default_value = "/live")]
    page: String,
    /// Events per second over all clients
    #[arg(long, default_value_t = 1000.0)]
    rate: f64,
    /// http-push, http-poll, kafka or all
    #[arg(long, default_value_t = RouteChoice::All)]
    route: RouteChoice,
    /// How long to measure, in seconds
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_SECONDS - AROUND)))]
    seconds: u32,
    /// The window's width in CSS pixels; its height is 900
    #[arg(long, default_value_t = 1440)]
    width: u32,
    /// Keep a picture of the page here, once the load has ended
    #[arg(long, value_name = "FILE.png")]
    picture: Option<std::path::PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let args: Args = match runtime::config::parse() {
        Ok(args) => args,
        Err(code) => return code,
    };
    match run(&args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("frames: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: &Args) -> Result<()> {
    let behind = behind_the_browser()?;
    let measured = with_stack(args, behind.handle()).await;
    behind.shutdown_background();
    measured
}

/// A runtime for the load: its threads and the processes they start have the lowest priority.
fn behind_the_browser() -> Result<Runtime> {
    let build = || {
        rustix::process::nice(LOWEST)?;
        Ok(Builder::new_multi_thread().enable_all().build()?)
    };
    std::thread::spawn(build).join().expect("building a runtime does not panic")
}

async fn with_stack(args: &Args, behind: &Handle) -> Result<()> {
    if let Some(target) = &args.target {
        return measure(args, target, behind).await;
    }
    let data = tempfile::tempdir()?;
    let config = Config { page: Page::Dist(dist()), ..Config::new(data.path()) };
    let stack = behind.spawn(Stack::start(config)).await?.context("the stack does not start")?;
    let measured = measure(args, &stack.address(), behind).await;
    behind.spawn(stack.stop()).await?;
    measured
}

async fn measure(args: &Args, target: &str, behind: &Handle) -> Result<()> {
    let browser = Browser::start(args.width, 900).await?;
    Memory::prepare(&browser.driver).await?;
    let visitor = Visitor::new(browser.driver.clone(), target.to_owned());
    let measured = under_load(args, target, &visitor, behind).await;
    browser.end().await;
    measured
}

async fn under_load(args: &Args, target: &str, visitor: &Visitor, behind: &Handle) -> Result<()> {
    visitor.open(&args.page).await?;
    let idle = Memory::read(visitor).await?;
    visitor.driver.goto(format!("{target}/livez")).await?;
    visitor.script("window.eseStream = new EventSource('/api/live')").await?;
    let seconds = args.seconds + AROUND;
    let parameters = Parameters { rate: args.rate, route: args.route, seconds, ..Parameters::default() };
    let setting = Setting { linger_ms: PAGE_LINGER_MS, ..Setting::new(target.to_owned()) };
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    let load = behind.spawn(async move { anyhow::Ok(Clients::new(parameters, setting)?.run(&stopped).await) });
    let watched = watch(args, visitor, &stop).await;
    stop.cancel();
    let summary = load.await??;
    let Watched { memory: [warm, after], page, nothing } = watched?;
    ensure!(summary.created > 0, "no event came to be");
    ensure!(summary.stopped, "the load ended before the measurement did; measure for a shorter time");

    println!("{}, {} s, {} to {}", args.page, args.seconds, load_in_words(&summary), args.route);
    page.print()?;
    let memory = |read: fn(&Memory) -> f64| {
        let [idle, warm, after] = [&idle, &warm, &after].map(read);
        format!("{idle:.1} MiB idle, {warm:.1} after the warm-up, {after:.1} at the end")
    };
    println!("heap       {}", memory(|memory| memory.heap));
    println!("wasm       {}; {}", memory(|memory| memory.wasm), grown(&page.frames));
    println!("a page that does nothing, {NOTHING} s before that, same load");
    nothing.print()
}

struct Watched {
    /// After the warm-up and at the end.
    memory: [Memory; 2],
    page: Record,
    nothing: Record,
}

/// Measures, and ends the load when it is not needed any more.
async fn watch(args: &Args, visitor: &Visitor, enough: &CancellationToken) -> Result<Watched> {
    let warm_up = || tokio::time::sleep(Duration::from_secs(WARM_UP.into()));
    warm_up().await;
    let nothing = Recorded::take(visitor, NOTHING).await?.read().await?;
    visitor.open(&args.page).await?;
    warm_up().await;
    let warm = Memory::read(visitor).await?;
    let page = Recorded::take(visitor, args.seconds).await?;
    enough.cancel();
    // A long trace takes a long time to read.
    let page = page.read().await?;
    if let Some(file) = &args.picture {
        visitor.screenshot(file).await?;
    }
    Ok(Watched { memory: [warm, Memory::read(visitor).await?], page, nothing })
}

/// The recordings of a page; the trace is not read yet.
struct Recorded {
    seconds: u32,
    frames: Frames,
    trace: Recording,
}

impl Recorded {
    async fn take(visitor: &Visitor, seconds: u32) -> Result<Self> {
        let trace = Recording::start(&visitor.driver).await?;
        visitor.script(RECORD).await?;
        tokio::time::sleep(Duration::from_secs(seconds.into())).await;
        let frames = serde_json::from_value(visitor.script(RECORDED).await?)?;
        Ok(Self { seconds, frames, trace })
    }

    async fn read(self) -> Result<Record> {
        let Self { seconds, frames, trace } = self;
        Ok(Record { seconds, frames, tasks: trace.main_thread_tasks().await? })
    }
}

/// The measurements of a page.
struct Record {
    seconds: u32,
    frames: Frames,
    tasks: Vec<Task>,
}

impl Record {
    fn print(&self) -> Result<()> {
        let pace = Pace::of(&self.frames.moments).context("the page drew no two frames")?;
        println!("frames     {:.1}/s, 1 % low {:.1}/s, longest gap {:.0} ms", pace.mean, pace.low, pace.longest_ms);
        let long = self.tasks.iter().filter(|task| task.wall_ms > LONG_MS).count();
        // Where the trace has no processor time, all of the time counts as work.
        let work = |task: &Task| task.cpu_ms.unwrap_or(task.wall_ms);
        let long_by_itself = self.tasks.iter().filter(|task| work(task) > LONG_MS).count();
        let longest = self.tasks.iter().copied().max_by(|a, b| a.wall_ms.total_cmp(&b.wall_ms)).unwrap_or_default();
        let busy = self.tasks.iter().map(|task| task.wall_ms).sum::<f64>() / (f64::from(self.seconds) * 10.0);
        println!(
            "tasks      {long} over {LONG_MS:.0} ms ({long_by_itself} by their own work), the longest {:.0} ms ({:.0} ms of work); main thread busy {busy:.0} %",
            longest.wall_ms,
            work(&longest)
        );
        Ok(())
    }
}

fn load_in_words(summary: &Summary) -> String {
    let rate = summary.created as f64 / summary.emitting_seconds;
    let late = summary.lateness.map(|times| format!(", at most {:.0} ms late", times.max_ms)).unwrap_or_default();
    let taken =
        summary.routes.values().filter_map(|sent| sent.until_accepted).map(|times| times.p99_ms).fold(0.0, f64::max);
    let ledger = if summary.failures.is_empty() { "exact".to_owned() } else { summary.failures.join(" ") };
    format!("{rate:.0} events/s{late}, p99 until accepted {taken:.0} ms, ledger {ledger}")
}

fn grown(frames: &Frames) -> String {
    match (frames.grew_at, frames.moments.first()) {
        (Some(at), Some(first)) => format!("grew last after {:.0} s", (at - first) / 1000.0),
        _ => "never grew meanwhile".to_owned(),
    }
}
