//! Forwards requests to a part and its answers back as streams, without holding whole bodies.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::uri::{PathAndQuery, Scheme};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::Response;
use domain::api::MAX_BODY_BYTES;
use http_body_util::{LengthLimitError, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use runtime::listen::CLIENT_IDLE;
use runtime::problem::Refusal;

use crate::run::faults::link::Link;
use crate::run::part::Parts;

/// A little more than the backend takes, so that the refusal comes from the backend.
const MOST_BYTES: usize = MAX_BODY_BYTES + 64 * 1024;
/// The time until an answer must begin: longer than any part waits for its own neighbours.
const TIMEOUT: Duration = Duration::from_secs(60);
/// When clients may try again.
const AGAIN: Duration = Duration::from_secs(1);

/// Headers that belong to one connection (RFC 9110, 7.6.1), and those that claim the origin of a request.
const NOT_PASSED_ON: [HeaderName; 10] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::HOST,
    header::FORWARDED,
    HeaderName::from_static("x-real-ip"),
];
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

type HttpClient = Client<HttpConnector, Limited<Body>>;

pub(super) fn client() -> HttpClient {
    let mut connector = HttpConnector::new();
    connector.set_connect_timeout(Some(Duration::from_secs(2)));
    connector.set_nodelay(true);
    Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).pool_idle_timeout(CLIENT_IDLE).build(connector)
}

/// Forwards to one part.
#[derive(Clone)]
pub(super) struct Proxy {
    client: HttpClient,
    name: &'static str,
    authority: HeaderValue,
    address: SocketAddr,
    /// A way to the part that a fault may change.
    link: Option<Arc<Link>>,
    parts: Arc<Parts>,
}

impl Proxy {
    pub(super) fn new(
        client: HttpClient,
        name: &'static str,
        address: SocketAddr,
        link: Option<Arc<Link>>,
        parts: Arc<Parts>,
    ) -> Self {
        // An address is digits, dots, colons and brackets.
        let authority = address.to_string().parse().unwrap_or(HeaderValue::from_static("localhost"));
        Self { client, name, authority, address, link, parts }
    }

    fn uri(&self, uri: &Uri) -> Result<Uri, Refusal> {
        let path = uri.path_and_query().cloned().unwrap_or(PathAndQuery::from_static("/"));
        let address = self.link.as_ref().and_then(|link| link.address()).unwrap_or(self.address);
        let built = Uri::builder().scheme(Scheme::HTTP).authority(address.to_string()).path_and_query(path);
        built.build().map_err(|error| Refusal::bad_request(format!("The address cannot be passed on: {error}")))
    }

    /// 503 with the name of the part and the reason.
    async fn unavailable(&self) -> Refusal {
        let trouble = match self.parts.get(self.name) {
            Ok(part) => part.view().await.trouble,
            Err(_) => None,
        };
        let trouble = trouble.unwrap_or_else(|| "it broke the connection".to_owned());
        Refusal::unavailable(format!("The {} is not there: {trouble}.", self.name), AGAIN)
    }
}

/// Forwards one request and its answer.
pub(super) async fn forward(
    State(proxy): State<Proxy>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Result<Response, Refusal> {
    if request.body().size_hint().lower() > MOST_BYTES as u64 {
        return Err(too_large());
    }
    let (mut head, body) = request.into_parts();
    head.uri = proxy.uri(&head.uri)?;
    strip(&mut head.headers);
    head.headers.insert(header::HOST, proxy.authority.clone());
    let peer = HeaderValue::try_from(peer.ip().to_canonical().to_string());
    head.headers.insert(X_FORWARDED_FOR, peer.map_err(|error| Refusal::internal(&error))?);
    head.extensions.clear();

    let request = Request::from_parts(head, Limited::new(body, MOST_BYTES));
    let answer = tokio::time::timeout(TIMEOUT, proxy.client.request(request)).await;
    let answer = match answer {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) if has_cause::<LengthLimitError>(&error) => return Err(too_large()),
        // Not the part's failure: the client sent malformed chunks, or less than it had announced.
        Ok(Err(error)) if has_cause::<axum::Error>(&error) => {
            return Err(Refusal::bad_request("The body of the request is cut short, or its chunks are malformed."));
        }
        Ok(Err(_)) => return Err(proxy.unavailable().await),
        Err(_) => {
            let detail = format!("The {} did not answer within {} s.", proxy.name, TIMEOUT.as_secs());
            return Err(Refusal { retry_after: Some(AGAIN), ..Refusal::new(StatusCode::GATEWAY_TIMEOUT, detail) });
        }
    };
    let (mut head, body) = answer.into_parts();
    strip(&mut head.headers);
    head.extensions.clear();
    Ok(Response::from_parts(head, Body::new(body)))
}

fn strip(headers: &mut HeaderMap) {
    // A header named by `Connection` belongs to the connection as well.
    let named = headers.get_all(header::CONNECTION).iter().filter_map(|value| value.to_str().ok());
    let named: Vec<HeaderName> =
        named.flat_map(|value| value.split(',')).filter_map(|name| name.trim().parse().ok()).collect();
    for name in NOT_PASSED_ON.iter().chain(&named) {
        headers.remove(name);
    }
}

fn too_large() -> Refusal {
    let detail = format!("The body is larger than {MAX_BODY_BYTES} bytes; send fewer events at a time.");
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
}

fn has_cause<E: Error + 'static>(error: &(dyn Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| (**error).source()).any(|cause| cause.is::<E>())
}
