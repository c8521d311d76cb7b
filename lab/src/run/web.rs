//! `ese web`: the built page alone, for a stack whose parts run elsewhere; its inbox shows the mails of a Mailpit.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use axum::extract::State;
use axum::routing::{any, get};
use axum::{Json, Router};
use domain::api::InboxMail;
use runtime::admin::Admin;
use runtime::config::Common;
use runtime::peers::PeerToken;
use runtime::problem::{self, Refusal};
use runtime::service::{self, Tasks, stop_signal};
use tokio::net::TcpListener;

use crate::run::front::Page;
use crate::run::inbox::Mailpit;

/// When a client may try again after an error of Mailpit.
const AGAIN: Duration = Duration::from_secs(2);

/// The flags of `ese web`.
#[derive(Clone, Debug, clap::Args)]
pub struct WebArgs {
    /// The built page
    #[arg(long, default_value = "./dist", value_name = "DIR")]
    pub dist: PathBuf,
    /// The Mailpit whose mails the page's inbox shows
    #[arg(long, env = "ESE_MAILPIT_URL", default_value = "http://127.0.0.1:8025", value_name = "URL", value_parser = runtime::config::base_url)]
    pub mailpit: String,
    /// The options of every service.
    #[command(flatten)]
    pub common: Common,
}

/// Serves until SIGTERM or Ctrl-C.
pub async fn run(args: WebArgs) -> ExitCode {
    let common = args.common.clone();
    service::main("web", common, &[], async |listener| serve(args, listener, stop_signal()).await).await
}

/// Serves the page and the mails at `listener` until `shutdown`.
pub async fn serve(args: WebArgs, listener: TcpListener, shutdown: impl Future<Output = ()>) -> anyhow::Result<()> {
    let WebArgs { dist, mailpit, common } = args;
    let page = Page::Dist(dist);
    if let Err(missing) = page.check() {
        anyhow::bail!("there is no page in {}; `cargo xtask page` builds it, --dist names it", missing.display());
    }
    let mailpit = Mailpit::new(mailpit)?;
    let page = page.router().into_service();
    let admin = Admin::load(&common.admin, PeerToken::default())?;
    let inbox = Router::new().route("/api/inbox", get(inbox)).with_state(mailpit);
    // The page takes 404 for a part of ESE that is not offered here.
    let router = admin.only(inbox).merge(admin.router()).route("/api/{*rest}", any(problem::not_found));
    let router = router.route_service("/", page.clone()).route_service("/{*path}", page);
    service::serve(listener, router, Tasks::default(), shutdown, common.grace).await
}

/// The mails, newest first.
async fn inbox(State(mailpit): State<Mailpit>) -> Result<Json<Vec<InboxMail>>, Refusal> {
    mailpit.latest().await.map(Json).map_err(|error| {
        tracing::warn!(error = &error as &dyn std::error::Error, "the mails cannot be read from Mailpit");
        Refusal::unavailable("Mailpit does not answer; --mailpit of `ese web` sets its address.", AGAIN)
    })
}
