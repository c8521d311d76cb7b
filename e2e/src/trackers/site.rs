//! The site with the page of a tracker: it never fails, and it is another origin than the endpoint.

use std::net::SocketAddr;

use anyhow::Result;
use axum::Json;
use axum::Router;
use axum::response::Html;
use axum::routing::get;
use runtime::listen::{Limits, serve};
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tower_http::services::ServeDir;

use super::library::Library;

/// The part that all pages share.
const COMMON: &str = include_str!("pages/common.html");

/// A running site.
pub struct Site {
    address: SocketAddr,
    _server: AbortOnDropHandle<()>,
}

impl Site {
    /// Starts the site of a tracker.
    pub async fn start(library: &Library) -> Result<Self> {
        let page = format!("{COMMON}{}", library.tracker.page());
        // Segment's library loads its settings from a content delivery network, which is another host than its endpoint.
        let settings = json!({ "integrations": { "Segment.io": { "apiKey": "probe" } } });
        let router = Router::new()
            .route("/", get(move || async { Html(page) }))
            .route("/v1/projects/probe/settings", get(move || async { Json(settings) }))
            .nest_service("/library", ServeDir::new(&library.dir));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let server = tokio::spawn(serve(listener, router, Limits::default(), CancellationToken::new()));
        Ok(Self { address, _server: AbortOnDropHandle::new(server) })
    }

    /// The address of the page, which sends to `endpoint` (`HOST:PORT`).
    pub fn page(&self, endpoint: SocketAddr) -> String {
        format!("http://{}/?endpoint={endpoint}", self.address)
    }
}
