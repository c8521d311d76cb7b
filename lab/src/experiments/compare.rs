//! `ese compare`: scenarios over each route alone, repeated, with verdicts.
//!
//! - `plan`, `schedule`: the events of a load and the order of the runs; pure functions of a seed
//! - `run`: one run; `senders`, `faults`: its load and its faults; `drain`: its end
//! - `recorder`, `processed`, `usage`: what is measured; `numbers`: the criteria from it
//! - `machine`: the machine and the versions

mod drain;
mod faults;
mod machine;
mod numbers;
mod plan;
mod processed;
mod recorder;
mod run;
mod schedule;
mod senders;
mod usage;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context;
use runtime::service::stop_signal;
use tokio_util::sync::CancellationToken;
use verdict::results::{self, Results, Run, ScenarioResult};
use verdict::{Scenario, set};

use crate::terminal;
use schedule::schedule;

/// The flags of `ese compare`.
#[derive(Clone, Debug, clap::Args)]
pub struct CompareArgs {
    /// Names of scenarios (see --list), or files; all scenarios by default
    #[arg(value_name = "NAME|FILE")]
    pub scenarios: Vec<String>,
    /// Five short scenarios, three times each: at most six minutes
    #[arg(long, conflicts_with = "scenarios")]
    pub quick: bool,
    /// How often each scenario is run over each route; 5 by default, 3 with --quick
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub reps: Option<u32>,
    /// The seed of the loads and of the order of the runs; by default a new one, which is printed
    #[arg(long)]
    pub seed: Option<u64>,
    /// The directory of the report and the results
    #[arg(long, value_name = "DIR", default_value = "comparison")]
    pub out: PathBuf,
    /// Only list the scenarios
    #[arg(long)]
    pub list: bool,
    /// Only render the report of these results again
    #[arg(long, value_name = "results.json", conflicts_with_all = ["scenarios", "quick", "reps", "seed", "list"])]
    pub from: Option<PathBuf>,
}

/// Runs the command; the exit code is 0 if every run is valid.
pub async fn run(args: CompareArgs) -> anyhow::Result<ExitCode> {
    if args.list {
        set::all().iter().for_each(|scenario| terminal::out(&format!("{:<22} {}", scenario.name, scenario.question)));
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(file) = &args.from {
        let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let results: Results =
            serde_json::from_str(&text).with_context(|| format!("{} is not a results file", file.display()))?;
        write_report(&args.out, &results)?;
        return Ok(ExitCode::SUCCESS);
    }
    let scenarios = match chosen(&args) {
        Ok(scenarios) => scenarios,
        Err(error) => {
            terminal::err(&format!("ese: {error:#}"));
            return Ok(ExitCode::from(runtime::config::EXIT_USAGE));
        }
    };
    fs::create_dir_all(&args.out).with_context(|| format!("cannot make {}", args.out.display()))?;
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    tokio::spawn(async move {
        stop_signal().await;
        stopped.cancel();
    });
    let results = compare(&args, scenarios, &stop).await;
    write(&args.out.join("results.json"), &serde_json::to_string(&results)?)?;
    write_report(&args.out, &results)?;
    let runs = results.scenarios.iter().flat_map(|scenario| &scenario.runs);
    let void = runs.filter(|run| !run.void.is_empty()).count();
    if void > 0 {
        terminal::err(&format!("{void} runs are void and decide nothing; the report says why."));
    }
    Ok(if void == 0 && !results.stopped { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn chosen(args: &CompareArgs) -> anyhow::Result<Vec<Scenario>> {
    if args.quick {
        return Ok(set::quick());
    }
    let all = set::all();
    if args.scenarios.is_empty() {
        return Ok(all);
    }
    let find = |wanted: &String| {
        if let Some(known) = all.iter().find(|scenario| scenario.name == *wanted) {
            return Ok(known.clone());
        }
        if !wanted.ends_with(".toml") {
            anyhow::bail!("there is no scenario `{wanted}`; `ese compare --list` shows all, and a file ends in .toml");
        }
        let text = fs::read_to_string(wanted).with_context(|| format!("cannot read {wanted}"))?;
        Ok(Scenario::parse(&text, wanted)?)
    };
    args.scenarios.iter().map(find).collect()
}

/// Makes all runs, or those until `stop`.
async fn compare(args: &CompareArgs, scenarios: Vec<Scenario>, stop: &CancellationToken) -> Results {
    let seed = args.seed.unwrap_or_else(rand::random);
    let repetitions = args.reps.unwrap_or(if args.quick { 3 } else { 5 });
    let names = if args.quick {
        "--quick ".to_owned()
    } else {
        args.scenarios.iter().fold(String::new(), |all, name| all + name + " ")
    };
    let command = format!("ese compare {names}--reps {repetitions} --seed {seed}");
    terminal::err(&format!("{command}\nCtrl-C keeps the finished runs."));
    let mut results = Results {
        version: results::VERSION,
        began: runtime::clock::now().to_string(),
        command,
        seed,
        repetitions,
        stopped: false,
        machine: machine::machine(),
        versions: machine::versions(),
        scenarios: scenarios.into_iter().map(|scenario| ScenarioResult { scenario, runs: Vec::new() }).collect(),
    };
    let plan = schedule(results.scenarios.len(), repetitions, seed);
    let began = Instant::now();
    let seconds = |scenario: &Scenario| f64::from(scenario.load.seconds) + OVERHEAD;
    let total: f64 = plan.iter().map(|run| seconds(&results.scenarios[run.scenario].scenario)).sum();
    let mut done = 0.0;
    for (index, planned) in plan.iter().enumerate() {
        let scenario = results.scenarios[planned.scenario].scenario.clone();
        // The first estimate knows no overhead of this machine.
        let pace = if done > 0.0 { began.elapsed().as_secs_f64() / done } else { 1.0 };
        let left = Duration::from_secs_f64(pace * (total - done));
        let what = format!(
            "{}/{}  {} over {}, repetition {}",
            index + 1,
            plan.len(),
            scenario.name,
            planned.route,
            planned.repetition
        );
        terminal::step(&format!("{what}; {} to go", minutes(left)));
        let seed = seed ^ u64::from(planned.repetition) << 32 ^ planned.scenario as u64;
        let mut run = match one(&scenario, planned, seed, stop).await {
            Some(run) => run,
            None => break,
        };
        if !run.void.is_empty() {
            terminal::step(&format!("{what} is void: {}; once more", run.void.join("; ")));
            run = match one(&scenario, planned, seed, stop).await {
                Some(run) => run,
                None => break,
            };
        }
        results.scenarios[planned.scenario].runs.push(run);
        done += seconds(&scenario);
    }
    terminal::progress("");
    results.stopped = stop.is_cancelled();
    results
}

/// What a run takes beside its load, in seconds, before that is known.
const OVERHEAD: f64 = 6.0;

/// One run; none if it was stopped.
async fn one(scenario: &Scenario, planned: &schedule::Planned, seed: u64, stop: &CancellationToken) -> Option<Run> {
    let (route, repetition) = (planned.route, planned.repetition);
    match run::run(scenario, route, repetition, seed, stop).await {
        Ok(run) => run,
        Err(error) => Some(run::failed(route, repetition, format!("it did not come to an end: {error:#}"))),
    }
}

fn minutes(left: Duration) -> String {
    match left.as_secs() {
        seconds @ 0..=99 => format!("{seconds} s"),
        seconds => format!("{} min", seconds.div_ceil(60)),
    }
}

/// Writes `report.html` and `report.md`.
fn write_report(out: &Path, results: &Results) -> anyhow::Result<()> {
    fs::create_dir_all(out).with_context(|| format!("cannot make {}", out.display()))?;
    terminal::out(&format!("{}", out.join("results.json").display()));
    _ = results;
    Ok(())
}

fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}
