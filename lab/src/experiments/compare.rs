//! `ese compare`: scenarios over each route alone, repeated, with verdicts.
//!
//! - `plan`, `schedule`: the events of a load and the order of the runs; pure functions of a seed
//! - `comparison`: all runs, with the time to go; `comparisons`, `ended`, `http`: those of the page, and the published one; `watch`: a run
//!   under way; `visitor`: the clicks of somebody who looks at it
//! - `run`, `warm_up`, `load`, `drain`, `effects`: the course of a run; `senders`, `one_try`, `faults`, `second_reader`: its load
//! - `recorder`, `processed`, `usage` (`disk`): what is measured; `numbers`, `timeline`, `histograms`, `result`: the criteria from it; `validity`:
//!   whether the run counts
//! - `own_brokers`: brokers that run elsewhere
//! - `self_check`: checks of the judge and of the books
//! - `output`: the files

mod comparison;
mod comparisons;
mod disk;
mod drain;
mod effects;
mod ended;
mod faults;
mod histograms;
mod http;
mod load;
mod numbers;
mod one_try;
mod output;
pub mod own_brokers;
mod plan;
mod processed;
mod recorder;
mod result;
mod run;
mod schedule;
mod second_reader;
mod self_check;
mod senders;
mod timeline;
mod usage;
mod validity;
mod visitor;
mod warm_up;
mod watch;

pub use http::routes;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use runtime::kafka::KafkaConfig;
use tokio_util::sync::CancellationToken;
use verdict::results::Run;
use verdict::{Scenario, builtin_scenarios};

use crate::experiments::foreground::{self, EXIT_INTERRUPTED};
use crate::run::broker;
use crate::terminal;
use comparison::{Comparison, Ended};
use own_brokers::OwnBrokers;
use self_check::SelfCheck;

/// How often each scenario is run over each route.
const REPETITIONS: u32 = 5;
/// The same with `--quick`.
const QUICK_REPETITIONS: u32 = 3;

/// The flags of `ese compare`.
#[derive(Clone, Debug, clap::Args)]
pub struct CompareArgs {
    /// Names of scenarios (see --list), or files that end in .toml; all scenarios by default
    #[arg(value_name = "NAME|FILE")]
    pub scenarios: Vec<String>,
    /// Five short scenarios, three times each: at most six minutes
    #[arg(long, conflicts_with = "scenarios")]
    pub quick: bool,
    /// How often each scenario is run over each route; 5 by default, 3 with --quick
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub reps: Option<u32>,
    /// Repeat the loads and the order of the runs of this seed; by default a new one, which is printed
    #[arg(long)]
    pub seed: Option<u64>,
    /// Where the report, the results and the histograms are written
    #[arg(long, value_name = "DIR", default_value = "comparison")]
    pub out: PathBuf,
    /// Only list the scenarios
    #[arg(long)]
    pub list: bool,
    /// Go on with the comparison in --out that was stopped
    #[arg(long, conflicts_with_all = ["scenarios", "quick", "reps", "seed", "list", "from"])]
    pub resume: bool,
    /// Check the judge: a route against itself with so many seeds, planted delays, planted bugs
    #[arg(long, value_name = "SEEDS", num_args = 0..=1, require_equals = true, default_missing_value = "20",
        value_parser = clap::value_parser!(u32).range(2..=1000),
        conflicts_with_all = ["scenarios", "quick", "reps", "seed", "list", "from", "resume"])]
    pub self_check: Option<u32>,
    /// Kafka brokers of your own, instead of those that each run starts; bootstrap.servers in Kafka's settings names them as well
    #[arg(long, value_name = "HOST:PORT,…", value_parser = broker::addresses)]
    pub broker: Option<String>,
    /// Kafka's settings, for brokers of your own.
    #[command(flatten)]
    pub kafka: KafkaConfig,
    /// Beginning of the names of the topics and groups that each run makes at brokers of your own
    #[arg(long, default_value = own_brokers::PREFIX, value_name = "PREFIX")]
    pub kafka_prefix: String,
    /// Run nothing; write the report about these results again
    #[arg(long, value_name = "FILE", conflicts_with_all = ["scenarios", "quick", "reps", "seed", "list"])]
    pub from: Option<PathBuf>,
}

/// Runs the command; the exit code is 0 if every run is valid at last.
///
/// The first Ctrl-C keeps the finished runs, the second ends everything.
pub async fn run(args: CompareArgs) -> anyhow::Result<ExitCode> {
    if args.list {
        let scenarios = if args.quick { builtin_scenarios::quick() } else { builtin_scenarios::all() };
        scenarios.iter().for_each(|scenario| terminal::out(&format!("{:<32} {}", scenario.name, scenario.question)));
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(file) = &args.from {
        output::write_report(&args.out, &output::read(file)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(seeds) = args.self_check {
        anyhow::ensure!(
            cfg!(debug_assertions),
            "the self-check injects bugs, which only a debug build has, such as target/debug/ese"
        );
        let check = SelfCheck::default();
        let passed = foreground::run(check.run(seeds), check.stop(), || check.progress()).await;
        return Ok(match passed.transpose()? {
            Some(true) => ExitCode::SUCCESS,
            Some(false) => ExitCode::FAILURE,
            None => ExitCode::from(EXIT_INTERRUPTED),
        });
    }
    let comparison = match prepared(&args).await {
        Ok(comparison) => comparison,
        Err(error) => {
            terminal::err(&format!("ese: {error:#}"));
            return Ok(ExitCode::from(runtime::config::EXIT_USAGE));
        }
    };
    let stop = CancellationToken::new();
    let ended = |run: Ended<'_>| output::ended(&args.out, run, &comparison.results());
    let runs = comparison.run(&stop, ended);
    if foreground::run(runs, &stop, || comparison.progress()).await.is_none() {
        return Ok(ExitCode::from(EXIT_INTERRUPTED));
    }
    let results = comparison.results();
    output::write_results(&args.out, &results)?;
    output::write_report(&args.out, &results)?;
    let void = results.scenarios.iter().map(|scenario| void(&scenario.runs)).sum::<usize>();
    if void > 0 {
        terminal::err(&format!("{void} runs are void at last and decide nothing; the report has the reasons."));
    }
    Ok(if void == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The scenarios that the flags name.
fn chosen(args: &CompareArgs) -> anyhow::Result<Vec<Scenario>> {
    if args.quick {
        return Ok(builtin_scenarios::quick());
    }
    let all = builtin_scenarios::all();
    if args.scenarios.is_empty() {
        return Ok(all);
    }
    let mut chosen: Vec<Scenario> = Vec::new();
    for wanted in &args.scenarios {
        let scenario = match all.iter().find(|scenario| scenario.name == *wanted) {
            Some(known) => known.clone(),
            None if wanted.ends_with(".toml") => {
                let text = fs::read_to_string(wanted).with_context(|| format!("cannot read {wanted}"))?;
                Scenario::parse(&text, wanted)?
            }
            None => {
                anyhow::bail!("there is no scenario `{wanted}`; --list shows all, and the name of a file ends in .toml")
            }
        };
        anyhow::ensure!(chosen.iter().all(|other| other.name != scenario.name), "`{}` is given twice", scenario.name);
        chosen.push(scenario);
    }
    Ok(chosen)
}

/// The comparison that the flags ask for, once its brokers are found to be fit.
async fn prepared(args: &CompareArgs) -> anyhow::Result<Comparison> {
    let own = OwnBrokers::new(args.broker.as_deref(), &args.kafka, &args.kafka_prefix)?;
    if let Some(own) = &own {
        own.check().await?;
    }
    comparison(args, own)
}

/// The comparison that the flags ask for; prints the command that repeats it.
fn comparison(args: &CompareArgs, own: Option<OwnBrokers>) -> anyhow::Result<Comparison> {
    if args.resume {
        let results = output::read_unfinished(&args.out)?;
        anyhow::ensure!(
            results.own_brokers.is_some() == own.is_some(),
            "the comparison in {} was made with other brokers: {}",
            args.out.display(),
            results.command
        );
        return Ok(Comparison::resumed(results, own));
    }
    let scenarios = chosen(args)?;
    output::prepare(&args.out)?;
    let seed = args.seed.unwrap_or_else(|| rand::random::<u32>().into());
    let repetitions = args.reps.unwrap_or(if args.quick { QUICK_REPETITIONS } else { REPETITIONS });
    let mut command = vec!["ese compare".to_owned()];
    command.extend(args.quick.then(|| "--quick".to_owned()));
    command.extend(args.scenarios.iter().cloned());
    command.extend(own.as_ref().map(OwnBrokers::flags));
    command.extend([format!("--reps {repetitions}"), format!("--seed {seed}")]);
    let command = command.join(" ");
    terminal::err(&format!("{command}\nrepeats the loads and the order of the runs. Ctrl-C keeps the finished runs."));
    let comparison = Comparison::new(scenarios, repetitions, seed, command, own);
    for left in comparison.results().own_brokers.iter().flat_map(|own| &own.left_out) {
        terminal::err(&format!("{} is left out: {}", left.scenario, left.why));
    }
    Ok(comparison)
}

/// How many of these runs of one scenario are void at last: a later run of the same repetition replaces an earlier one.
fn void(runs: &[Run]) -> usize {
    let last: BTreeMap<_, _> = runs.iter().map(|run| ((run.route, run.repetition), run.void.is_empty())).collect();
    last.values().filter(|is_valid| !**is_valid).count()
}
