//! The command line of `ese`.

use clap::{Parser, Subcommand};

use crate::describe::DescribeArgs;
use crate::experiments::bench::BenchArgs;
use crate::experiments::bench::generator::LoadArgs;
use crate::experiments::bench::handler::HandlerArgs;
use crate::experiments::compare::CompareArgs;
use crate::experiments::crash::CrashArgs;
use crate::experiments::disk::DiskArgs;
use crate::experiments::dlq::DlqArgs;
use crate::experiments::fault::FaultArgs;
use crate::experiments::key::KeyArgs;
use crate::experiments::ledger::LedgerArgs;
use crate::experiments::simulate::SimulateArgs;
use crate::run::broker::serve::BrokerArgs;
use crate::run::inbox::InboxArgs;
use crate::run::web::WebArgs;
use crate::up::UpArgs;

/// The same browser events over three routes, side by side: http-push, http-poll and kafka.
#[derive(Debug, Parser)]
#[command(name = "ese", version, arg_required_else_help = true)]
pub struct Cli {
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands of `ese`.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start everything and show it on one port, until Ctrl-C
    Up(UpArgs),
    /// Start only a Kafka broker, until Ctrl-C or until a piped standard input closes
    Broker(BrokerArgs),
    /// Start only the inbox: an SMTP server that keeps the mails it receives
    Inbox(InboxArgs),
    /// Serve only the built page, for a stack whose parts run elsewhere
    Web(WebArgs),
    /// Run scenarios over each route alone, repeat them, and say which route is better when
    Compare(CompareArgs),
    /// Measure the speed of each route beside the limits of this machine
    Bench(BenchArgs),
    /// Send known events while parts are killed at random moments, and audit the ledger
    Crash(CrashArgs),
    /// Send the events of many simulated clients to a running stack, and wait until its ledger has them
    Simulate(SimulateArgs),
    /// List, start and end faults of a running stack
    Fault(FaultArgs),
    /// Print the ledger of a running stack
    Ledger(LedgerArgs),
    /// Print what takes how much in the databases of a running stack, and the bounds
    Disk(DiskArgs),
    /// Look at records that could not be processed, or send them again
    Dlq(DlqArgs),
    /// Make, list and revoke the write keys with which others send events
    Key(KeyArgs),
    /// Make one load of a benchmark
    #[command(hide = true)]
    BenchLoad(LoadArgs),
    /// Answer events without doing anything with them, as the limit of a benchmark
    #[command(hide = true)]
    BenchHandler(HandlerArgs),
    /// Write the descriptions of all interfaces into a directory
    #[command(hide = true)]
    Describe(DescribeArgs),
}
