//! `ese broker`: only the broker, in the foreground, for tests and for other programs.

use std::os::unix::fs::FileTypeExt;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use std::{fs, io};

use runtime::service::stop_signal;
use tokio::sync::oneshot;

use super::{BrokerChoice, prepare, ready};
use crate::run::supervise::{Process, State};
use crate::run::{lock, probe};
use crate::terminal;

/// The time until the broker must answer.
const TIMEOUT: Duration = Duration::from_secs(120);

/// The flags of `ese broker`.
#[derive(Clone, Debug, clap::Args)]
pub struct BrokerArgs {
    /// Which broker: auto, apache, nisshi or HOST:PORT
    #[arg(long, default_value = "auto", value_name = "BROKER")]
    pub broker: BrokerChoice,
    /// Where the broker keeps its records and its log
    #[arg(long, default_value = "./data", value_name = "DIR")]
    pub data_dir: PathBuf,
    /// Port to listen on, on 127.0.0.1; 0 picks a free one
    #[arg(long, default_value_t = 0)]
    pub port: u16,
}

/// Runs the broker until SIGTERM, Ctrl-C or the end of a piped standard input.
pub async fn run(args: BrokerArgs) -> anyhow::Result<ExitCode> {
    let (data_dir, _lock) = lock::take(&args.data_dir)?;
    let broker = prepare(&args.broker, 1, &data_dir, args.port).await?;
    terminal::err(&format!("Broker: {}", broker.reason));
    let process = match broker.nodes.into_iter().next() {
        Some((recipe, _)) => Some(Process::new(recipe, Arc::new(terminal::err))?),
        None => None,
    };
    if let Some(process) = &process {
        process.start().await?;
    }
    let stop = async {
        tokio::select! { () = stop_signal() => (), () = standard_input_closed() => () }
    };
    tokio::pin!(stop);
    let outcome = tokio::select! {
        ready = probe::until(TIMEOUT, process.as_ref(), || ready::answers_kafka(&broker.address)) => {
            ready.map_err(|why| anyhow::anyhow!("the broker {why}"))?;
            terminal::out(&format!("broker ready at {}", broker.address));
            tokio::select! { () = &mut stop => Ok(()), died = death(process.as_ref()) => Err(died) }
        }
        () = &mut stop => Ok(()),
    };
    if let Some(process) = process {
        process.stop().await;
    }
    outcome.map(|()| ExitCode::SUCCESS)
}

/// Resolves when the broker dies; never if it was not started here.
async fn death(process: Option<&Process>) -> anyhow::Error {
    let Some(process) = process else { return std::future::pending().await };
    process.ended().await;
    match process.state() {
        State::Ended { how, .. } => anyhow::anyhow!("the broker {how}"),
        _ => anyhow::anyhow!("the broker is gone"),
    }
}

/// Resolves when standard input is a pipe and closes: the broker of a test ends with the test.
async fn standard_input_closed() {
    let piped = fs::metadata("/dev/stdin").is_ok_and(|input| input.file_type().is_fifo());
    let (sender, closed) = oneshot::channel::<()>();
    if piped {
        // A thread, because a runtime waits for its own reads of standard input before it ends.
        std::thread::spawn(move || {
            drop(io::copy(&mut io::stdin(), &mut io::sink()));
            drop(sender);
        });
        drop(closed.await);
    } else {
        std::future::pending::<()>().await;
    }
}
