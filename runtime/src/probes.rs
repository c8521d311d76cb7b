//! `/livez`, `/readyz` and `/metrics` of every service, and the client of `/readyz` behind `--probe`.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, ensure};
use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::telemetry;

/// How long a service may take to answer.
const TIMEOUT: Duration = Duration::from_secs(2);
/// The most bytes read of its answer.
const MOST_BYTES: u64 = 4096;

/// Whether the service is ready for work.
#[derive(Clone, Debug, Default)]
pub struct Readiness(Arc<AtomicBool>);

impl Readiness {
    /// Sets it.
    pub fn set(&self, ready: bool) {
        self.0.store(ready, Ordering::Release);
    }

    /// Whether it is ready.
    pub fn get(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// The three routes.
pub fn router(readiness: Readiness) -> Router {
    telemetry::metrics();
    let ready = move || {
        let answer = if readiness.get() {
            (StatusCode::OK, "ready\n")
        } else {
            (StatusCode::SERVICE_UNAVAILABLE, "not ready: starting or stopping\n")
        };
        std::future::ready(answer)
    };
    Router::new()
        .route("/livez", get(|| async { "alive\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
}

async fn metrics() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], telemetry::metrics().render())
}

/// Asks the service that listens at `address` whether it is ready; an error has the reason if not.
///
/// For containers: an image without a shell has no other client.
pub async fn ask(mut address: SocketAddr) -> anyhow::Result<()> {
    if address.ip().is_unspecified() {
        address.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    let asking = async {
        let mut stream =
            TcpStream::connect(address).await.with_context(|| format!("no service listens at {address}"))?;
        stream.write_all(b"GET /readyz HTTP/1.0\r\n\r\n").await?;
        let mut answer = String::new();
        stream.take(MOST_BYTES).read_to_string(&mut answer).await?;
        let (head, body) = answer.split_once("\r\n\r\n").context("the answer is not HTTP")?;
        ensure!(head.split(' ').nth(1) == Some("200"), "{}", body.trim());
        Ok(())
    };
    tokio::time::timeout(TIMEOUT, asking).await.with_context(|| format!("no answer within {} s", TIMEOUT.as_secs()))?
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn readyz_answers_as_set() {
        let readiness = Readiness::default();
        let router = router(readiness.clone());
        let ask = async || {
            let request = Request::get("/readyz").body(Body::empty()).unwrap();
            router.clone().oneshot(request).await.unwrap().status()
        };
        assert_eq!(ask().await, 503);
        readiness.set(true);
        assert_eq!(ask().await, 200);
    }

    #[tokio::test]
    async fn a_probe_gets_the_readiness_of_a_service() {
        let readiness = Readiness::default();
        let listener = tokio::net::TcpListener::bind("0.0.0.0:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = router(readiness.clone());
        let server = tokio::spawn(async { axum::serve(listener, router).await });
        let refusal = ask(address).await.unwrap_err();
        assert_eq!(refusal.to_string(), "not ready: starting or stopping");
        readiness.set(true);
        ask(address).await.unwrap();
        server.abort();
        assert!(server.await.is_err(), "the server has stopped");
        assert!(ask(address).await.unwrap_err().to_string().starts_with("no service listens"));
    }
}
