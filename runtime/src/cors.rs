//! The CORS headers of addresses that pages of any origin may use: from a service, and from the front door before it.

use std::time::Duration;

use axum::http::{Method, header};
use tower_http::cors::{AllowHeaders, AllowOrigin, Any, CorsLayer};

/// How long a browser may cache the answer to a preflight request.
const PREFLIGHT: Duration = Duration::from_secs(12 * 60 * 60);

/// Lets pages of any origin read, post JSON, and see when to come back.
pub fn any_origin() -> CorsLayer {
    let cors = CorsLayer::new().allow_origin(Any).allow_methods([Method::GET, Method::POST]);
    cors.allow_headers([header::CONTENT_TYPE]).expose_headers([header::RETRY_AFTER]).max_age(PREFLIGHT)
}

/// Lets pages of any origin send events and reports with the tracker, and read the answers to these, but nothing else.
pub fn tracker() -> CorsLayer {
    sending(AllowOrigin::predicate(|_, head| head.method == Method::POST || head.method == Method::OPTIONS))
}

/// Lets pages of these origins send events and reports, and see when to come back. Every header is allowed: keys, encodings
/// and CloudEvents' attributes need some. No header gives a right without a key.
pub(crate) fn sending(origins: AllowOrigin) -> CorsLayer {
    let cors = CorsLayer::new().allow_origin(origins).allow_methods([Method::POST]);
    cors.allow_headers(AllowHeaders::mirror_request()).expose_headers([header::RETRY_AFTER]).max_age(PREFLIGHT)
}
