//! `ese fault`: lists, starts and ends the faults of a running stack.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;
use domain::api::Problem;
use domain::api::faults::{ActiveFault, FAULT_TOKEN, FaultDescription, FaultRequest, FaultsView};
use reqwest::{Client, Method, RequestBuilder, Response};

use super::access::{self, AccessArgs};
use crate::terminal;

/// The flags of `ese fault`.
#[derive(Clone, Debug, clap::Args)]
pub struct FaultArgs {
    /// The stack
    #[arg(long, global = true, default_value = "http://127.0.0.1:8080", value_name = "URL", value_parser = runtime::config::base_url)]
    pub target: String,
    /// The admin token.
    #[command(flatten)]
    pub access: AccessArgs,
    /// The command.
    #[command(subcommand)]
    pub command: FaultCommand,
}

/// The commands of `ese fault`.
#[derive(Clone, Debug, Subcommand)]
pub enum FaultCommand {
    /// Show all faults, and those that are active
    List,
    /// Start a fault, such as `kill consumer` or `latency backend-consumer latency_ms=200`
    Start {
        /// The kind
        kind: String,
        /// The part or the connection
        on: String,
        /// Its numbers; those left out have their defaults
        #[arg(value_name = "NAME=NUMBER", value_parser = parameter)]
        parameters: Vec<(String, u32)>,
        /// End it after so many seconds
        #[arg(long = "for", value_name = "SECONDS")]
        seconds: Option<u32>,
    },
    /// End an active fault
    Stop {
        /// Its number
        id: u64,
    },
    /// End all active faults
    Restore,
}

fn parameter(text: &str) -> Result<(String, u32), String> {
    let parsed = text.split_once('=').and_then(|(name, number)| Some((name.to_owned(), number.parse().ok()?)));
    parsed.ok_or_else(|| "give NAME=NUMBER, such as latency_ms=200".to_owned())
}

/// Runs the command; the exit code is 0 if it was done.
pub async fn run(args: FaultArgs) -> anyhow::Result<ExitCode> {
    let url = format!("{}/api/faults", args.target);
    let client = Client::builder().no_proxy().default_headers(args.access.headers()?).build()?;
    let view = client.get(&url).send().await;
    let view = view.with_context(|| format!("no stack answers at {}; `ese up` starts one", args.target))?;
    access::check(view.status())?;
    anyhow::ensure!(view.status() != 404, "the stack at {} offers no faults: it runs with --no-faults", args.target);
    let view: FaultsView = view.error_for_status()?.json().await.context("the answer is not a list of faults")?;
    let request = |method: Method, url: &str| client.request(method, url).header(FAULT_TOKEN, &view.token);
    match args.command {
        FaultCommand::List => terminal::out(&table(&view)),
        FaultCommand::Start { kind, on, parameters, seconds } => {
            let parameters: BTreeMap<String, u32> = parameters.into_iter().collect();
            let wanted = FaultRequest { kind, target: on, parameters, seconds };
            let fault: ActiveFault = done(request(Method::POST, &url).json(&wanted)).await?.json().await?;
            terminal::out(&line(&fault));
        }
        FaultCommand::Stop { id } => drop(done(request(Method::DELETE, &format!("{url}/{id}"))).await?),
        FaultCommand::Restore => drop(done(request(Method::DELETE, &url)).await?),
    }
    Ok(ExitCode::SUCCESS)
}

/// Sends the request; a refusal becomes an error with its sentence.
async fn done(request: RequestBuilder) -> anyhow::Result<Response> {
    let response = request.send().await?;
    if response.status().is_success() {
        return Ok(response);
    }
    let status = response.status();
    let problem: Problem = response.json().await.with_context(|| format!("the stack answers {status}"))?;
    anyhow::bail!("{}", problem.detail)
}

fn table(view: &FaultsView) -> String {
    let mut lines = vec![format!("{:<14} {:<17} NUMBERS (default)", "KIND", "ON")];
    lines.extend(view.faults.iter().map(describe));
    lines.push(if view.active.is_empty() { "\nNo fault is active.".to_owned() } else { "\nActive:".to_owned() });
    lines.extend(view.active.iter().map(line));
    lines.join("\n")
}

fn describe(fault: &FaultDescription) -> String {
    let parameters = fault.parameters.iter();
    let parameters: Vec<String> = parameters
        .map(|number| format!("{}={}..{} ({})", number.name, number.least, number.most, number.default))
        .collect();
    format!("{:<14} {:<17} {}", fault.kind, fault.target, parameters.join(" ")).trim_end().to_owned()
}

fn line(fault: &ActiveFault) -> String {
    let parameters: String = fault.parameters.iter().map(|(name, number)| format!(" {name}={number}")).collect();
    let until = fault.until.map(|until| format!(" until {until}")).unwrap_or_default();
    format!("number {}: {} {}{parameters} since {}{until}", fault.id, fault.kind, fault.target, fault.since)
}
