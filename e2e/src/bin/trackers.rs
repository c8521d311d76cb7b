//! Measures trackers under the same losses, each in a real browser: `cargo xtask trackers` calls it.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use e2e::browser::Browser;
use e2e::trackers::library::{Library, Tracker};
use e2e::trackers::results::{Ending, Results};
use e2e::trackers::run::run;
use futures_util::future::try_join_all;

/// Measures trackers under the same losses, each in a real browser.
#[derive(Debug, Parser)]
#[command(name = "trackers")]
struct Args {
    /// The directory of `ese.js`
    #[arg(long, value_name = "DIR")]
    ese: Option<PathBuf>,
    /// The unpacked package `posthog-js`
    #[arg(long, value_name = "DIR")]
    posthog: Option<PathBuf>,
    /// The unpacked package `@segment/analytics-next`
    #[arg(long, value_name = "DIR")]
    segment: Option<PathBuf>,
    /// The unpacked package `@snowplow/browser-tracker`
    #[arg(long, value_name = "DIR")]
    snowplow: Option<PathBuf>,
    /// How often each tracker is measured
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    repetitions: u32,
    /// Where the results are written
    #[arg(long, value_name = "FILE.json", default_value = "docs/trackers/results.json")]
    out: PathBuf,
    /// Measure nothing; print the table of these results, if each of the four trackers has three runs of each ending
    #[arg(long, value_name = "FILE.json")]
    from: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let args: Args = match runtime::config::parse() {
        Ok(args) => args,
        Err(code) => return code,
    };
    match table(args).await {
        Ok(table) => {
            print!("{table}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("trackers: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn table(args: Args) -> Result<String> {
    if let Some(from) = args.from {
        let text = fs::read_to_string(&from).with_context(|| format!("cannot read {}", from.display()))?;
        return serde_json::from_str::<Results>(&text)?.whole_section();
    }
    let places = [
        (Tracker::Ese, args.ese),
        (Tracker::Posthog, args.posthog),
        (Tracker::Segment, args.segment),
        (Tracker::Snowplow, args.snowplow),
    ];
    let given = places.into_iter().filter_map(|(tracker, dir)| Some(Library::open(tracker, dir?)));
    let libraries: Vec<Library> = given.collect::<Result<_>>()?;
    let mut results = Results { measured: runtime::clock::now(), browser: browser().await?, runs: Vec::new() };
    for (ending, number) in
        Ending::ALL.into_iter().flat_map(|ending| (1..=args.repetitions).map(move |number| (ending, number)))
    {
        eprintln!("the tab {ending}, {number} of {}: all trackers at once, two and a half minutes", args.repetitions);
        results.runs.extend(try_join_all(libraries.iter().map(|library| run(library, ending))).await?);
        results.measured = runtime::clock::now();
        args.out.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(&args.out, serde_json::to_string_pretty(&results)? + "\n")
            .with_context(|| format!("cannot write {}", args.out.display()))?;
    }
    results.section()
}

/// The name and the version of the browser.
async fn browser() -> Result<String> {
    let browser = Browser::start(800, 600).await?;
    let version = browser.driver.execute("return navigator.userAgent", vec![]).await;
    browser.end().await;
    let agent = version?.json().as_str().context("the browser has no name")?.to_owned();
    let (_, version) = agent.split_once("Chrome/").context("the browser is not Chromium")?;
    Ok(format!("Chromium {}", version.split(['.', ' ']).next().unwrap_or(version)))
}
