//! The built page: its files, and index.html for every address of the page.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use runtime::problem::{self, Refusal};
use tower_http::services::ServeDir;

use super::content_security_policy;

const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const NO_CACHE: HeaderValue = HeaderValue::from_static("no-cache");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Addresses of programs, which would take index.html for an answer.
const NO_PAGES: [&str; 5] = ["event", "events", "topics", "subjects", "metrics"];

/// The page that the front door shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// The files in this directory.
    Dist(PathBuf),
    /// No page, only the APIs.
    None,
}

impl Page {
    /// Checks that the page is built; the error is its directory.
    pub fn check(&self) -> Result<(), PathBuf> {
        match self {
            Self::Dist(dist) if !dist.join("index.html").is_file() => Err(dist.clone()),
            _ => Ok(()),
        }
    }

    pub(crate) fn router(&self) -> Router {
        match self {
            Self::None => Router::new().route("/", get(without)).fallback(problem::not_found),
            Self::Dist(dist) => {
                let index = get(index).with_state(Arc::from(dist.join("index.html")));
                let files = ServeDir::new(dist)
                    .append_index_html_on_directories(false)
                    .precompressed_br()
                    .precompressed_gzip()
                    .fallback(index.clone());
                Router::new()
                    .route("/", index.clone())
                    .route("/index.html", index)
                    .fallback_service(files)
                    .layer(middleware::from_fn(cache))
            }
        }
    }
}

async fn without() -> &'static str {
    "ESE runs without its page (--no-frontend): /api/parts shows the parts, /readyz whether all are up.\n"
}

/// index.html, with the policy that its own inline scripts need.
async fn index(State(path): State<Arc<Path>>, method: Method, uri: Uri) -> Result<Response, Refusal> {
    if method != Method::GET && method != Method::HEAD {
        return Err(Refusal::method_not_allowed());
    }
    let first = uri.path().trim_start_matches('/').split('/').next().unwrap_or_default();
    if NO_PAGES.contains(&first) {
        return Err(Refusal::not_found());
    }
    // An address of the page has no dot; a file that is gone must not turn into HTML that runs as a script.
    if uri.path() != "/index.html" && uri.path().rsplit('/').next().is_some_and(|last| last.contains('.')) {
        return Err(Refusal::not_found());
    }
    // The file is read each time: it is small, and a rebuilt page has other scripts.
    let html = tokio::fs::read_to_string(&*path).await.map_err(|error| {
        let detail = format!("The page cannot be read ({error}); `cargo xtask page` builds it.");
        Refusal::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    })?;
    let policy =
        HeaderValue::try_from(content_security_policy::policy(&html)).map_err(|error| Refusal::internal(&error))?;
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok((headers, html).into_response())
}

/// Files with a hash in their name never change; everything else is requested each time. Pages of other sites may load the
/// tracker, also those that are isolated from other origins.
async fn cache(request: Request, next: Next) -> Response {
    let (hashed, tracker) = (is_hashed(request.uri().path()), is_tracker(request.uri().path()));
    let mut response = next.run(request).await;
    let (is_there, headers) = (response.status().is_success(), response.headers_mut());
    headers.insert(header::CACHE_CONTROL, if hashed && is_there { IMMUTABLE } else { NO_CACHE });
    if tracker && is_there {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert(RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
    }
    response
}

/// Whether a file is a part of the tracker for any page.
fn is_tracker(path: &str) -> bool {
    path == "/ese.js" || path == "/ese.d.ts" || (path.starts_with("/tracker_bg-") && path.ends_with(".wasm"))
}

/// Names by `bundle` or trunk: `frontend_bg-0123456789abcdef.wasm`, `frontend-0123456789abcdef_bg.wasm`.
fn is_hashed(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or_default();
    file.contains('.')
        && file.split(['-', '_', '.']).any(|part| part.len() >= 16 && part.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashed_names_are_recognised() {
        for hashed in
            ["/frontend_bg-0123456789abcdef.wasm", "/frontend-0123456789abcdef_bg.wasm", "/a/b-fedcba9876543210.css"]
        {
            assert!(is_hashed(hashed), "{hashed}");
        }
        for plain in ["/", "/index.html", "/favicon.svg", "/orders/0123456789abcdef", "/main-0123.js"] {
            assert!(!is_hashed(plain), "{plain}");
        }
    }
}
