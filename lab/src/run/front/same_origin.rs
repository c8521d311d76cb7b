//! Protects requests with effects against other sites, beyond the checks of every listener.

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use runtime::problem::Refusal;

/// Refuses a request that a browser sends on behalf of another site.
pub(crate) async fn same_origin(request: Request, next: Next) -> Result<Response, Refusal> {
    if is_foreign(request.headers()) {
        return Err(Refusal::new(StatusCode::FORBIDDEN, "Another site may not start, stop or kill anything here."));
    }
    Ok(next.run(request).await)
}

/// A browser sends the origin of a request with effects; a command line tool sends none.
fn is_foreign(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return false };
    let host = headers.get(header::HOST).map(|host| [b"http://", host.as_bytes()].concat());
    host.as_deref() != Some(origin.as_bytes())
}
