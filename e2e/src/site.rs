//! A site of another origin: its pages name an address that each test has in another place.

use std::path::Path;

use anyhow::{Context, Result};
use axum::Router;
use axum::http::{StatusCode, Uri, header};
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The address of ESE in the sources of the examples.
const WRITTEN: &str = "http://localhost:8080";

/// A site that ends when it is dropped.
pub struct Site {
    /// Its address.
    pub address: String,
    server: JoinHandle<()>,
}

impl Site {
    /// Serves the files of a directory, with the address of ESE put in.
    pub async fn serve(directory: &Path, ese: &str) -> Result<Self> {
        let (directory, ese) = (directory.to_owned(), ese.to_owned());
        anyhow::ensure!(directory.join("index.html").is_file(), "there is no page in {}", directory.display());
        let file = async move |uri: Uri| {
            let name = Some(uri.path().trim_start_matches('/')).filter(|name| !name.is_empty()).unwrap_or("index.html");
            let kind = match Path::new(name).extension().and_then(|end| end.to_str()) {
                Some("html") => "text/html; charset=utf-8",
                Some("js") => "text/javascript",
                Some("wasm") => "application/wasm",
                _ => "text/css",
            };
            // Pages that are isolated have clocks of 5 µs.
            let headers = [
                (header::CONTENT_TYPE, kind),
                (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
                (header::HeaderName::from_static("cross-origin-embedder-policy"), "require-corp"),
            ];
            match std::fs::read(directory.join(name)) {
                Ok(bytes) if kind.starts_with("text/html") => {
                    let page = String::from_utf8_lossy(&bytes).replace(WRITTEN, &ese);
                    (headers, page).into_response()
                }
                Ok(bytes) => (headers, bytes).into_response(),
                Err(_) => StatusCode::NOT_FOUND.into_response(),
            }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = format!("http://{}", listener.local_addr().context("no address")?);
        let router = Router::new().fallback(get(file));
        let server = tokio::spawn(async move { _ = axum::serve(listener, router).await });
        Ok(Self { address, server })
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.server.abort();
    }
}
