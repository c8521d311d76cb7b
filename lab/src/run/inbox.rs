//! The inbox: an SMTP server that keeps the mails it receives, durably, and serves them as JSON.

pub mod mail;
pub mod mailpit;
pub mod mails;
pub mod smtp;

pub use mailpit::Mailpit;
pub use mails::Mails;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use domain::api::InboxMail;
use runtime::admin::Admin;
use runtime::config::Common;
use runtime::peers::PeerToken;
use runtime::service::{self, Tasks, stop_signal};
use tokio::net::TcpListener;

/// The flags of `ese inbox`.
#[derive(Clone, Debug, clap::Args)]
pub struct InboxArgs {
    /// Address to take mail at
    #[arg(long, default_value = "127.0.0.1:1025", value_name = "IP:PORT")]
    pub smtp: SocketAddr,
    /// Where the mails are kept, a file each
    #[arg(long, default_value = "./data/inbox", value_name = "DIR")]
    pub data_dir: PathBuf,
    /// The options of every service.
    #[command(flatten)]
    pub common: Common,
}

/// Runs the inbox until SIGTERM or Ctrl-C.
pub async fn run(args: InboxArgs) -> ExitCode {
    let InboxArgs { smtp, data_dir, common } = args;
    let (grace, admin) = (common.grace, common.admin.clone());
    service::main("inbox", common, &[], async |http| {
        let smtp = TcpListener::bind(smtp).await.with_context(|| format!("cannot take mail at {smtp} (--smtp)"))?;
        let admin = Admin::load(&admin, PeerToken::default())?;
        serve(data_dir, smtp, http, stop_signal(), grace, admin).await
    })
    .await
}

/// Takes mail at `smtp` and shows it at `http` until `shutdown`.
pub async fn serve(
    data_dir: PathBuf,
    smtp: TcpListener,
    http: TcpListener,
    shutdown: impl Future<Output = ()>,
    grace: Duration,
    admin: Admin,
) -> anyhow::Result<()> {
    let mails = Mails::open(data_dir).await?;
    tracing::info!(mails = mails.latest().len(), smtp = %smtp.local_addr()?, "taking mail");
    let mut tasks = Tasks::default();
    let stop = tasks.stop.clone();
    let taken = mails.clone();
    tasks.spawn("SMTP", async move {
        smtp::serve(smtp, taken, stop).await;
        Ok(())
    });
    let router = admin.only(Router::new().route("/api/inbox", get(list)).with_state(mails));
    service::serve(http, router, tasks, shutdown, grace).await
}

/// The mails, newest first.
async fn list(State(mails): State<Mails>) -> Json<Vec<InboxMail>> {
    Json(mails.latest())
}
