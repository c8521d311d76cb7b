//! The checks of every listener: a request must name this machine, and pages of other sites cannot cause effects.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Version, header};
use axum::response::{IntoResponse, Response};
use axum::routing::Route;
use axum::routing::future::RouteFuture;
use futures_util::TryFutureExt;
use futures_util::future::{Either, MapOk, Ready, ready};
use tower::{Layer, Service};

use crate::problem::Refusal;

/// The routes of a listener.
#[derive(Debug, Default)]
pub struct Routes {
    /// Effects only for pages of this site or on this machine.
    pub guarded: Router,
    /// Open to pages of every origin.
    pub open: Router,
}

impl From<Router> for Routes {
    fn from(guarded: Router) -> Self {
        Self { guarded, open: Router::new() }
    }
}

/// Puts the checks in front of the routes of a listener at `listen`, and security headers on every answer.
///
/// A listener beyond loopback accepts every `Host`: the proxy before it decides.
pub fn guard(routes: impl Into<Routes>, listen: SocketAddr) -> Router {
    let Routes { guarded, open } = routes.into();
    let loopback = listen.ip().to_canonical().is_loopback();
    let checks = |origin| Checks { loopback, origin };
    guarded.layer(checks(true)).merge(open.layer(checks(false)))
}

/// The checks in front of a route.
#[derive(Clone, Copy, Debug)]
struct Checks {
    /// Whether the listener is on loopback.
    loopback: bool,
    /// Whether pages of other sites are refused.
    origin: bool,
}

impl Checks {
    fn check(self, request: &Request) -> Result<(), Refusal> {
        if self.loopback {
            check_host(request)?;
        }
        if self.origin { check_origin(request, self.loopback) } else { Ok(()) }
    }
}

impl Layer<Route> for Checks {
    type Service = Checked;

    fn layer(&self, route: Route) -> Checked {
        Checked { checks: *self, route }
    }
}

/// A route behind the checks. A service of its own: layers of functions would allocate several times for each request.
#[derive(Clone, Debug)]
struct Checked {
    checks: Checks,
    route: Route,
}

impl Service<Request> for Checked {
    type Response = Response;
    type Error = Infallible;
    type Future = Either<Ready<Result<Response, Infallible>>, MapOk<RouteFuture<Infallible>, fn(Response) -> Response>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Service::<Request>::poll_ready(&mut self.route, cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        match self.checks.check(&request) {
            Ok(()) => Either::Right(self.route.call(request).map_ok(with_security_headers as fn(Response) -> Response)),
            Err(refusal) => Either::Left(ready(Ok(with_security_headers(refusal.into_response())))),
        }
    }
}

fn with_security_headers(mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    answer
}

/// Refuses a request that names another host.
///
/// A web site can point its own name at 127.0.0.1, so that a visitor's browser sends requests here (DNS rebinding). The
/// `Host` header still has that name. Browsers always send the header, `--probe` sends none.
fn check_host(request: &Request) -> Result<(), Refusal> {
    let named = request.headers().get_all(header::HOST).iter().map(|host| host.to_str().unwrap_or_default());
    // A request line may name a host as well, and then that one counts (RFC 9112, 3.2.2).
    let mut named = named.chain(request.uri().host()).peekable();
    let names_none = named.peek().is_none();
    if named.all(is_local) && !(names_none && request.version() > Version::HTTP_10) {
        return Ok(());
    }
    let detail = "This server answers only to the names localhost, 127.0.0.1 and [::1].";
    Err(Refusal::new(StatusCode::MISDIRECTED_REQUEST, detail))
}

/// Refuses a request with effects that a browser sends for a page of another site: such a page may POST plain text
/// without a preflight.
fn check_origin(request: &Request, loopback: bool) -> Result<(), Refusal> {
    if request.method().is_safe() || may_cause_effects(request.headers(), loopback) {
        return Ok(());
    }
    Err(Refusal::new(StatusCode::FORBIDDEN, "Only a page of this site or on this machine may send this."))
}

/// Whether a program sends this, or a page of this site or on this machine.
pub(crate) fn is_of_this_site(headers: &HeaderMap) -> bool {
    may_cause_effects(headers, false)
}

/// A browser names the origin of a request with effects, a command line tool does not.
fn may_cause_effects(headers: &HeaderMap, loopback: bool) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let Some((scheme, from)) = origin.to_str().ok().and_then(|origin| origin.split_once("://")) else { return false };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    (scheme == "http" && is_local(from)) || (!loopback && host.is_some_and(|host| host.eq_ignore_ascii_case(from)))
}

/// Whether a host, with or without a port, can only be this machine.
fn is_local(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    name.eq_ignore_ascii_case("localhost") || address.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::routing::get;
    use tower::ServiceExt;

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

    async fn status(listen: &str, method: &str, path: &str, version: Version, headers: &[(&str, &str)]) -> u16 {
        let answer = async || "done";
        let guarded = Router::new().route("/", get(answer).post(answer));
        let open = Router::new().route("/open", get(answer).post(answer));
        let router = guard(Routes { guarded, open }, listen.parse().unwrap());
        let request = Request::builder().method(method).uri(path).version(version);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let response = router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
        assert_eq!(response.headers()["referrer-policy"], "no-referrer");
        response.status().as_u16()
    }

    #[tokio::test]
    async fn a_loopback_listener_answers_only_to_its_own_names() {
        let at = async |listen, version, headers: &[_]| status(listen, "GET", "/", version, headers).await;
        for listen in ["127.0.0.1:8080", "[::1]:8080", "[::ffff:127.0.0.1]:8080"] {
            assert_eq!(at(listen, Version::HTTP_11, &[("host", "localhost:8080")]).await, 200);
            assert_eq!(at(listen, Version::HTTP_11, &[("host", "evil.example")]).await, 421);
            assert_eq!(at(listen, Version::HTTP_10, &[("host", "evil.example")]).await, 421);
            assert_eq!(at(listen, Version::HTTP_11, &[]).await, 421);
            assert_eq!(at(listen, Version::HTTP_11, &[("host", "localhost"), ("host", "evil.example")]).await, 421);
            for (line, code) in [("http://evil.example/", 421), ("http://localhost/", 200)] {
                let named = [("host", "localhost")];
                assert_eq!(status(listen, "GET", line, Version::HTTP_11, &named).await, code, "{line}");
            }
            assert_eq!(at(listen, Version::HTTP_10, &[]).await, 200, "as --probe asks");
        }
        assert_eq!(at("0.0.0.0:8080", Version::HTTP_11, &[("host", "shop.example")]).await, 200);
    }

    #[tokio::test]
    async fn only_pages_of_this_site_or_machine_cause_effects() {
        let post = async |listen, path, host, origin: &str| {
            let headers = [("host", host), ("origin", origin)];
            status(listen, "POST", path, Version::HTTP_11, &headers).await
        };
        let (here, beyond) = ("127.0.0.1:8080", "0.0.0.0:8080");
        assert_eq!(post(here, "/", "localhost:8080", "http://127.0.0.1:9000").await, 200);
        for foreign in ["https://evil.example", "null", "http://localhost.evil.example", "https://localhost:8080"] {
            assert_eq!(post(here, "/", "localhost:8080", foreign).await, 403, "{foreign}");
        }
        assert_eq!(post(here, "/open", "localhost:8080", "https://shop.example").await, 200);
        assert_eq!(post(beyond, "/", "shop.example", "https://shop.example").await, 200);
        assert_eq!(post(beyond, "/", "shop.example", "https://evil.example").await, 403);
        let read = [("host", "localhost"), ("origin", "https://evil.example")];
        assert_eq!(status(here, "GET", "/", Version::HTTP_11, &read).await, 200, "reading has no effects");
        assert_eq!(status(here, "POST", "/", Version::HTTP_11, &[("host", "localhost")]).await, 200, "a tool");
    }
}
