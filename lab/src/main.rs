//! `ese`: reads the command line and hands over to the command.

use std::process::ExitCode;

use lab::cli::{Cli, Command};

#[tokio::main]
async fn main() -> ExitCode {
    let cli: Cli = match runtime::config::parse() {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    let outcome = match cli.command {
        Command::Up(args) => lab::up::run(args).await,
        Command::Broker(args) => lab::run::broker::serve::run(args).await,
        Command::Compare(args) => lab::experiments::compare::run(args).await,
        Command::Bench(args) => lab::experiments::bench::run(args).await,
        Command::BenchLoad(args) => lab::experiments::bench::generator::run(args).await,
        Command::BenchHandler(args) => lab::experiments::bench::handler::run(args).await,
        Command::Crash(args) => lab::experiments::crash::run(args).await,
        Command::Simulate(args) => lab::experiments::simulate::run(args).await,
        Command::Fault(args) => lab::experiments::fault::run(args).await,
        Command::Ledger(args) => lab::experiments::ledger::run(args).await,
        Command::Disk(args) => lab::experiments::disk::run(args).await,
        Command::Key(args) => lab::experiments::key::run(args),
        Command::Dlq(args) => lab::experiments::dlq::run(args).await,
        Command::Describe(args) => lab::describe::run(&args),
        Command::Inbox(args) => return lab::run::inbox::run(args).await,
        Command::Web(args) => return lab::run::web::run(args).await,
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            lab::terminal::err(&format!("ese: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
