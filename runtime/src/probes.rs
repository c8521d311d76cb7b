//! `/livez`, `/readyz` and `/metrics`, the same for every service.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;

use crate::telemetry;

/// Whether the service wants to be given work.
#[derive(Clone, Debug, Default)]
pub struct Readiness(Arc<AtomicBool>);

impl Readiness {
    /// Says whether it does from now on.
    pub fn set(&self, ready: bool) {
        self.0.store(ready, Ordering::Release);
    }

    /// Whether it does.
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
    let handle = telemetry::metrics();
    handle.run_upkeep();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], handle.render())
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn readiness_is_what_was_set() {
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
}
