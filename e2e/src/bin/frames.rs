//! Measures how smoothly a page runs in headless Chromium while simulated clients send events.
//!
//! Frames are the moments at which `requestAnimationFrame` calls back: how often the page's main thread gets to draw.
//! Headless Chromium has no screen and draws on the processor, at 60 a second at most; a graphics card helps, a slow
//! screen does not show. Tasks are those of the main thread in a DevTools trace. The heap is V8's after a collection,
//! as DevTools show it; the memory of WebAssembly, which can only grow, stands beside it. Stack, simulator and browser
//! share this machine.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use domain::RouteChoice;
use domain::api::simulation::{Parameters, Summary};
use e2e::browser::Browser;
use e2e::pace::{MOMENTS, Pace, RECORD};
use e2e::scenario::dist;
use e2e::trace::Recording;
use e2e::visitor::Visitor;
use lab::front::Page;
use lab::simulate::{Crowd, QUEUE_BYTES, SETTLE, Setting};
use lab::stack::{Config, Stack};
use serde_json::{Value, json};
use thirtyfour::WebDriver;
use tokio_util::sync::CancellationToken;

/// How long events come before the measurement begins.
const WARM_UP: Duration = Duration::from_secs(5);
/// A task longer than this makes a page feel slow, in milliseconds.
const LONG_MS: f64 = 50.0;
/// Keeps what trunk says when the page starts, so that the size of its memory can be asked for.
const KEEP_WASM: &str = "addEventListener('TrunkApplicationStarted', event => { window.eseWasm = event.detail.wasm })";

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
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=580))]
    seconds: u32,
    /// The window's width in CSS pixels; its height is 900
    #[arg(long, default_value_t = 1440)]
    width: u32,
    /// Keep a picture of the page at the end of the measurement here
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
    if let Some(target) = &args.target {
        return measure(args, target).await;
    }
    let data = tempfile::tempdir()?;
    let config = Config { page: Page::Dist(dist()), ..Config::new(data.path()) };
    let stack = Stack::start(config).await.context("the stack does not start")?;
    let measured = measure(args, &stack.address()).await;
    stack.stop().await;
    measured
}

async fn measure(args: &Args, target: &str) -> Result<()> {
    let browser = Browser::start(args.width, 900).await?;
    let measured = look(args, target, &browser.driver).await;
    browser.end().await;
    measured
}

async fn look(args: &Args, target: &str, driver: &WebDriver) -> Result<()> {
    let visitor = Visitor::new(driver.clone(), target.to_owned());
    driver.cdp().send_raw("Page.addScriptToEvaluateOnNewDocument", json!({ "source": KEEP_WASM })).await?;
    visitor.open(&args.page).await?;
    let idle = Memory::read(&visitor).await?;

    let seconds = args.seconds + 2 * u32::try_from(WARM_UP.as_secs())?;
    let parameters = Parameters { rate: args.rate, route: args.route, seconds, ..Parameters::default() };
    let setting = Setting { target: target.to_owned(), queue_bytes: QUEUE_BYTES, settle: SETTLE };
    let crowd = Crowd::new(parameters, setting)?;
    let stop = CancellationToken::new();
    let watch = async {
        tokio::time::sleep(WARM_UP).await;
        let warm = Memory::read(&visitor).await?;
        let recording = Recording::start(driver).await?;
        visitor.script(RECORD).await?;
        tokio::time::sleep(Duration::from_secs(args.seconds.into())).await;
        let moments: Vec<f64> = serde_json::from_value(visitor.script(MOMENTS).await?)?;
        let tasks = recording.main_thread_tasks_ms().await?;
        if let Some(file) = &args.picture {
            visitor.screenshot(file).await?;
        }
        anyhow::Ok((moments, tasks, warm))
    };
    let watch = async {
        let watched = watch.await;
        stop.cancel();
        watched
    };
    let (summary, watched) = tokio::join!(crowd.run(&stop), watch);
    let (moments, tasks, warm) = watched?;
    let memory = [idle, warm, Memory::read(&visitor).await?];
    print(args, &summary, &moments, &tasks, memory)
}

/// What the page takes, in MiB.
#[derive(Clone, Copy)]
struct Memory {
    /// V8's heap after a collection.
    heap: f64,
    /// The memory of WebAssembly.
    wasm: f64,
}

impl Memory {
    async fn read(visitor: &Visitor) -> Result<Self> {
        let cdp = visitor.driver.cdp();
        cdp.send_raw("HeapProfiler.collectGarbage", ()).await?;
        cdp.send_raw("Performance.enable", json!({})).await?;
        let metrics = cdp.send_raw("Performance.getMetrics", ()).await?;
        let mut metrics = metrics["metrics"].as_array().into_iter().flatten();
        let heap = metrics.find(|metric| metric["name"] == "JSHeapUsedSize").map(|metric: &Value| &metric["value"]);
        let wasm = visitor.script("return window.eseWasm?.memory.buffer.byteLength").await?;
        let mib = |bytes: Option<f64>| bytes.map(|bytes| bytes / f64::from(1 << 20));
        Ok(Self {
            heap: mib(heap.and_then(Value::as_f64)).context("Chromium names no heap size")?,
            wasm: mib(wasm.as_f64()).context("the page does not show its Wasm memory")?,
        })
    }
}

fn print(args: &Args, summary: &Summary, moments: &[f64], tasks: &[f64], memory: [Memory; 3]) -> Result<()> {
    let pace = Pace::of(moments).context("the page drew no two frames")?;
    ensure!(summary.created > 0, "no event came to be");
    let long: Vec<f64> = tasks.iter().copied().filter(|&task| task > LONG_MS).collect();
    let longest = tasks.iter().copied().fold(0.0, f64::max);
    let busy = tasks.iter().sum::<f64>() / (f64::from(args.seconds) * 10.0);
    let events = summary.created as f64 / summary.emitting_seconds;
    println!("{} for {} s at {events:.0} events/s over {}", args.page, args.seconds, args.route);
    println!("frames     {:.1} per second, 1 % low {:.1}, longest gap {:.0} ms", pace.mean, pace.low, pace.longest_ms);
    println!(
        "tasks      {} over {LONG_MS:.0} ms, the longest {longest:.0} ms; main thread busy {busy:.0} %",
        long.len()
    );
    let [idle, warm, after] = memory;
    println!("heap       {:.1} MiB idle, {:.1} after the warm-up, {:.1} at the end", idle.heap, warm.heap, after.heap);
    println!("wasm       {:.1} MiB idle, {:.1} after the warm-up, {:.1} at the end", idle.wasm, warm.wasm, after.wasm);
    match summary.failures.as_slice() {
        [] => println!("books      exact"),
        failures => println!("books      {}", failures.join(" ")),
    }
    Ok(())
}
