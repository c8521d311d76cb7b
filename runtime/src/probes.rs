//! `/livez`, `/readyz` and `/metrics` of every service, and the client of `/readyz` behind `--probe`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
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

use crate::dependency::Need;
use crate::telemetry;

/// How long a service may take to answer.
const TIMEOUT: Duration = Duration::from_secs(2);
/// The most bytes read of its answer.
const MOST_BYTES: u64 = 4096;

/// Whether the service is ready for work.
#[derive(Clone, Debug, Default)]
pub struct Readiness {
    serving: Arc<AtomicBool>,
    needs: Arc<[Need]>,
}

impl Readiness {
    /// A service that starts, and is not ready while a server that all of it needs is away.
    pub fn new(needs: Vec<Need>) -> Self {
        Self { serving: Arc::default(), needs: needs.into() }
    }

    /// Notes whether it serves: neither before its start nor from its stop on.
    pub fn set(&self, serving: bool) {
        self.serving.store(serving, Ordering::Release);
    }

    /// The answer to `/readyz`. It names each server that is away, and the part of the service that needs it.
    fn answer(&self) -> (StatusCode, String) {
        if !self.serving.load(Ordering::Acquire) {
            return (StatusCode::SERVICE_UNAVAILABLE, "not ready: starting or stopping\n".to_owned());
        }
        let (mut of_all, mut of_parts) = (Vec::new(), String::new());
        for Need { server, only_for } in self.needs.iter() {
            let Some(why) = server.trouble() else { continue };
            match only_for {
                None => of_all.push(format!("{}: {why}", server.title())),
                Some(part) => of_parts += &format!("; not for {part}: {}: {why}", server.title()),
            }
        }
        match of_all.is_empty() {
            true => (StatusCode::OK, format!("ready{of_parts}\n")),
            false => (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {}{of_parts}\n", of_all.join("; "))),
        }
    }
}

/// The three routes.
pub fn router(readiness: Readiness) -> Router {
    telemetry::metrics();
    let ready = move || std::future::ready(readiness.answer());
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
pub async fn ask(address: SocketAddr) -> anyhow::Result<()> {
    // A listener on all addresses of IPv6 may have only those, or those of IPv4 as well.
    let (four, six) = (IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST));
    let ips = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => vec![four],
        IpAddr::V6(ip) if ip.is_unspecified() => vec![six, four],
        ip => vec![ip],
    };
    let addresses: Vec<SocketAddr> = ips.into_iter().map(|ip| SocketAddr::new(ip, address.port())).collect();
    let asking = async {
        // It tries them one after the other.
        let connected = TcpStream::connect(&addresses[..]).await;
        let mut stream = connected.with_context(|| format!("no service listens at {address}"))?;
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
    use crate::dependency::Dependency;

    #[tokio::test]
    async fn readyz_answers_as_set_and_names_the_servers_that_are_away() {
        let (postgres, kafka) = (Dependency::new("postgres", "PostgreSQL"), Dependency::new("kafka", "Kafka"));
        let need = |server: &Dependency, only_for| Need { server: server.clone(), only_for };
        let readiness = Readiness::new(vec![need(&postgres, None), need(&kafka, Some("the route kafka"))]);
        let router = router(readiness.clone());
        let ask = async || {
            let request = Request::get("/readyz").body(Body::empty()).unwrap();
            let answer = router.clone().oneshot(request).await.unwrap();
            let status = answer.status().as_u16();
            let text = axum::body::to_bytes(answer.into_body(), 1000).await.unwrap();
            (status, String::from_utf8(text.to_vec()).unwrap())
        };
        let is = |status: u16, text: &str| (status, text.to_owned());
        assert_eq!(ask().await, is(503, "not ready: starting or stopping\n"));
        readiness.set(true);
        assert_eq!(ask().await, is(200, "ready\n"));
        kafka.set(Some("no answer".to_owned()));
        assert_eq!(ask().await, is(200, "ready; not for the route kafka: Kafka: no answer\n"));
        postgres.set(Some("refused".to_owned()));
        assert_eq!(ask().await, is(503, "not ready: PostgreSQL: refused; not for the route kafka: Kafka: no answer\n"));
        postgres.set(None);
        assert_eq!(ask().await.0, 200);
    }

    #[tokio::test]
    async fn a_probe_gets_the_readiness_of_a_service() {
        for unspecified in ["0.0.0.0:0", "[::]:0"] {
            match tokio::net::TcpListener::bind(unspecified).await {
                Ok(listener) => a_probe_asks(listener).await,
                Err(error) => assert!(unspecified.starts_with('['), "{error}: only IPv6 may be switched off"),
            }
        }
    }

    async fn a_probe_asks(listener: tokio::net::TcpListener) {
        let readiness = Readiness::default();
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
