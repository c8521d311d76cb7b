//! `ese up`: everything, until Ctrl-C.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use domain::{ByRoute, Guarantee};
use runtime::service::stop_signal;

use crate::experiments::compare::own_brokers::{self, OwnBrokers};
use crate::experiments::foreground::EXIT_INTERRUPTED;
use crate::experiments::page_api;
use crate::run::broker::{self, BrokerChoice};
use crate::run::front::Page;
use crate::run::stack::{Config, DatabaseKind, Databases, KafkaClients, Stack};
use crate::terminal::{self, Progress};

/// The flags of `ese up`.
#[derive(Clone, Debug, clap::Args)]
pub struct UpArgs {
    /// Port of the one address, on 127.0.0.1; 0 picks a free one
    #[arg(long, default_value_t = 8080)]
    pub port: u16,
    /// Where everything is kept, logs included
    #[arg(long, default_value = "./data", value_name = "DIR")]
    pub data_dir: PathBuf,
    /// Which broker: auto, apache, nisshi or those of your own at HOST:PORT[,HOST:PORT…]
    #[arg(long, default_value = "auto", value_name = "BROKER")]
    pub broker: BrokerChoice,
    /// How many brokers are started here: 1, or a cluster of 3
    #[arg(long, default_value_t = 1, value_name = "1|3", value_parser = broker::brokers)]
    pub brokers: u8,
    /// Port of the broker if one is started here, on 127.0.0.1; 0 picks a free one; a cluster takes the next two as well
    #[arg(long, default_value_t = 0)]
    pub broker_port: u16,
    /// Settings and names for brokers of your own.
    #[command(flatten)]
    pub kafka: KafkaClients,
    /// Serve only the APIs, for instance to `trunk serve`
    #[arg(long)]
    pub no_frontend: bool,
    /// The built page
    #[arg(long, default_value = "./dist", value_name = "DIR")]
    pub dist: PathBuf,
    /// Guarantee of all routes, or ROUTE=GUARANTEE,…: at-most-once, at-least-once or effectively-once
    #[arg(long, env = "ESE_GUARANTEE", default_value = Guarantee::EffectivelyOnce.name(), value_parser = domain::guarantee::of_routes)]
    pub guarantee: ByRoute<Guarantee>,
    /// Let no page and no `ese fault` break anything on purpose, or change a guarantee
    #[arg(long)]
    pub no_faults: bool,
    /// Let pages of any origin on this machine use the original example's contracts, and the tracker
    #[arg(long)]
    pub demo_cors: bool,
    /// File with the write keys of `ese key`, which sending then needs
    #[arg(long, env = "ESE_KEYS_FILE", value_name = "FILE")]
    pub keys_file: Option<PathBuf>,
    /// File with the admin token, which all pages and commands that look or change something then need, created at the first start
    #[arg(long, env = "ESE_ADMIN_TOKEN_FILE", value_name = "FILE")]
    pub admin_token_file: Option<PathBuf>,
    /// Where the services keep their databases, in the data directory
    #[arg(long, value_enum, default_value_t)]
    pub database: DatabaseKind,
    /// How many consumers share the events as one group, 1 to 4; more than one need PostgreSQL
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=4))]
    pub consumers: u8,
    /// Databases other than those in the data directory.
    #[command(flatten)]
    pub databases: Databases,
}

impl UpArgs {
    fn config(self) -> anyhow::Result<Config> {
        let began = Instant::now();
        let own = match self.kafka.choice(&self.broker)? {
            BrokerChoice::Address(brokers) => {
                OwnBrokers::new(Some(&brokers), &self.kafka.settings, own_brokers::PREFIX)?
            }
            _ => None,
        };
        Ok(Config {
            port: self.port,
            broker: self.broker,
            brokers: self.brokers,
            broker_port: self.broker_port,
            kafka: self.kafka,
            page: if self.no_frontend { Page::None } else { Page::Dist(self.dist) },
            databases: self.databases,
            database: self.database,
            consumers: self.consumers,
            faults: !self.no_faults,
            guarantee: self.guarantee,
            demo_cors: self.demo_cors,
            keys_file: self.keys_file,
            admin_token_file: self.admin_token_file,
            more_routes: Arc::new(move |front, work| page_api::routes(front, work, own.clone())),
            progress: Arc::new(move |text| terminal::out(&format!("[{:6.1} s] {text}", began.elapsed().as_secs_f32()))),
            ..Config::new(self.data_dir)
        })
    }
}

/// Starts everything, prints the address, and stops everything on SIGTERM or Ctrl-C.
pub async fn run(args: UpArgs) -> anyhow::Result<ExitCode> {
    let config = args.config()?;
    let progress = config.progress.clone();
    let stop = stop_signal();
    tokio::pin!(stop);
    let stack = tokio::select! {
        stack = Stack::prepare(config) => stack?,
        () = &mut stop => return Ok(ExitCode::SUCCESS),
    };
    let outcome = tokio::select! {
        outcome = stack.bring_up() => outcome,
        () = &mut stop => {
            return Ok(end(stack, &progress).await);
        }
    };
    if let Err(error) = outcome {
        // The reason comes first, because stopping the others can take a while.
        terminal::err(&format!("ese: {error:#}"));
        end(stack, &progress).await;
        return Ok(ExitCode::FAILURE);
    }
    progress("All parts are ready. Ctrl-C stops everything.");
    terminal::out(&stack.address());
    stop.await;
    Ok(end(stack, &progress).await)
}

/// Stops the parts in order; a second signal kills them at once.
async fn end(stack: Stack, progress: &Progress) -> ExitCode {
    progress("Stopping. Ctrl-C again kills everything at once.");
    tokio::select! {
        () = stack.stop() => {
            progress("Stopped.");
            ExitCode::SUCCESS
        }
        // The stack is dropped on return, and with it its processes.
        () = stop_signal() => ExitCode::from(EXIT_INTERRUPTED),
    }
}
