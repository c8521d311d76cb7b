//! The bare handler, `ese bench-handler`: it parses the same events as the backend, gives the same answer, and does nothing else.

use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::post;
use axum::serve::ListenerExt;
use axum::{Json, Router};
use domain::api::seed::{SeedEvent, SeedLog};
use domain::api::{EventResult, IngestReply, Outcome};
use domain::{Event, Route};
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::run::supervise::Recipe;

/// The name of its process.
pub(super) const HANDLER: &str = "handler";

/// The flag of `ese bench-handler`.
#[derive(Clone, Debug, clap::Args)]
pub struct HandlerArgs {
    /// Address to listen on
    #[arg(long, value_name = "IP:PORT")]
    pub listen: SocketAddr,
}

/// How its process is started; `programs` has `ese`, and its log goes into `dir`.
pub(super) fn recipe(programs: &Path, listen: SocketAddr, dir: &Path) -> Recipe {
    Recipe {
        name: HANDLER,
        program: programs.join("ese"),
        args: vec!["bench-handler".into(), "--listen".into(), listen.to_string().into()],
        env: Vec::new(),
        dir: dir.to_owned(),
        log: dir.join("handler.log"),
        grace: Duration::from_secs(5),
    }
}

/// Serves until it is killed.
pub async fn run(args: HandlerArgs) -> anyhow::Result<ExitCode> {
    let listener = TcpListener::bind(args.listen).await.with_context(|| format!("cannot listen on {}", args.listen))?;
    let listener = listener.tap_io(|stream| {
        // Without it small answers wait for acknowledgements.
        stream.set_nodelay(true).ok();
    });
    axum::serve(listener, router()).await?;
    Ok(ExitCode::SUCCESS)
}

fn router() -> Router {
    Router::new().route("/api/events", post(events)).route("/event", post(event))
}

async fn events(body: Bytes) -> Result<Json<IngestReply>, StatusCode> {
    let events: Vec<Event> = serde_json::from_slice(&body).map_err(|_| StatusCode::BAD_REQUEST)?;
    let result = |event: Event| EventResult {
        id: Some(event.id.to_string()),
        routes: [(Route::HttpPush, Outcome::Accepted)].into(),
    };
    Ok(Json(IngestReply { results: events.into_iter().map(result).collect(), ..IngestReply::default() }))
}

async fn event(body: Bytes) -> Result<(StatusCode, Json<SeedLog>), StatusCode> {
    let event: SeedEvent = serde_json::from_slice(&body).map_err(|_| StatusCode::BAD_REQUEST)?;
    let event = event.into_event(Uuid::now_v7(), "127.0.0.1", runtime::clock::now());
    let log = SeedLog::of(event).ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok((StatusCode::CREATED, Json(log)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiments::bench::template::single;

    #[tokio::test]
    async fn it_accepts_every_event_and_refuses_what_is_none() {
        let Json(reply) = events(single(7).into()).await.unwrap();
        assert_eq!(reply.results.len(), 1);
        assert_eq!(reply.results[0].routes[Route::HttpPush], Outcome::Accepted);
        assert_eq!(events(Bytes::from_static(b"[{}]")).await.unwrap_err(), StatusCode::BAD_REQUEST);
    }
}
