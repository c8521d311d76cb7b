//! Who may speak to the front door: requests to this machine by its own name, and from the page itself.

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use runtime::problem::Refusal;

/// Refuses a request that names another host.
///
/// A web site can point its own name at 127.0.0.1 and have a visitor's browser speak to us (DNS rebinding); the
/// `Host` header still has that name.
pub(super) async fn check(request: Request, next: Next) -> Result<Response, Refusal> {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| request.uri().host()).unwrap_or_default();
    if is_local(host) {
        return Ok(next.run(request).await);
    }
    let detail = "This server answers only to the names localhost, 127.0.0.1 and [::1].";
    Err(Refusal::new(StatusCode::MISDIRECTED_REQUEST, detail))
}

/// Refuses a request that a browser sends on behalf of another site.
pub(super) async fn same_origin(request: Request, next: Next) -> Result<Response, Refusal> {
    if is_foreign(request.headers()) {
        return Err(Refusal::new(StatusCode::FORBIDDEN, "Another site may not start, stop or kill anything here."));
    }
    Ok(next.run(request).await)
}

/// Refuses a request with effects that a browser sends on behalf of a site that is not on this machine: such a site needs
/// nobody's leave to POST plain text, and a report to the ledger cannot be taken back.
pub(super) async fn from_here(request: Request, next: Next) -> Result<Response, Refusal> {
    let origin = request.headers().get(header::ORIGIN).map(|origin| origin.to_str().unwrap_or_default());
    let foreign = origin.is_some_and(|origin| !origin.strip_prefix("http://").is_some_and(is_local));
    if foreign && !request.method().is_safe() {
        return Err(Refusal::new(StatusCode::FORBIDDEN, "Only a page on this machine may send events or reports."));
    }
    Ok(next.run(request).await)
}

/// The address is right, the method is not.
pub(super) async fn method_not_allowed() -> Refusal {
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "This address does not take this method.")
}

fn is_local(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    name.eq_ignore_ascii_case("localhost") || name == "127.0.0.1" || name == "[::1]"
}

/// A browser says where a request with effects comes from; a command line tool says nothing.
fn is_foreign(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return false };
    let host = headers.get(header::HOST).map(|host| [b"http://", host.as_bytes()].concat());
    host.as_deref() != Some(origin.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_local_names_pass() {
        for local in ["localhost", "localhost:8080", "LOCALHOST:1", "127.0.0.1:8080", "[::1]:8080", "[::1]"] {
            assert!(is_local(local), "{local}");
        }
        for foreign in ["", "evil.example", "localhost.evil.example:80", "127.0.0.1.nip.io", "10.0.0.1:8080", "[::2]"] {
            assert!(!is_local(foreign), "{foreign}");
        }
    }

    #[test]
    fn a_foreign_origin_is_seen() {
        let headers = |origin: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, "localhost:8080".parse().unwrap());
            origin.map(|origin| headers.insert(header::ORIGIN, origin.parse().unwrap()));
            headers
        };
        assert!(!is_foreign(&headers(None)));
        assert!(!is_foreign(&headers(Some("http://localhost:8080"))));
        assert!(is_foreign(&headers(Some("http://localhost:9090"))));
        assert!(is_foreign(&headers(Some("https://evil.example"))));
    }
}
