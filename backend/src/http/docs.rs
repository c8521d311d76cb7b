//! `GET /api/openapi.json`, and `GET /api/docs`: the same as a page without scripts.

mod html;

use std::sync::LazyLock;

use axum::Router;
use axum::http::header;
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use domain::describe::openapi;

use super::state::AppState;

/// Only the page itself and its inline styles.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

static JSON: LazyLock<String> = LazyLock::new(|| format!("{:#}\n", openapi()));
static PAGE: LazyLock<String> = LazyLock::new(|| html::page(&openapi()));

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/api/openapi.json", get(json)).route("/api/docs", get(docs))
}

async fn json() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], JSON.as_str())
}

async fn docs() -> impl IntoResponse {
    ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(PAGE.as_str()))
}
