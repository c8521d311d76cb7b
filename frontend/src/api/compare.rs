//! Requests to the comparisons of the stack, if it offers them.

use gloo_net::http::Request;
use tracker::json;
use verdict::api::{ComparisonRequest, ComparisonView};
use verdict::{Results, Scenario};

use super::{answer, done, get, offered, send};

/// The address of the report.
pub const REPORT: &str = "/api/compare/report";
const URL: &str = "/api/compare";

/// The comparison under way and the last one; none if the stack offers no comparisons.
pub async fn look() -> Result<Option<ComparisonView>, String> {
    offered(URL).await
}

/// The scenarios that come with the program.
pub async fn scenarios() -> Result<Vec<Scenario>, String> {
    get("/api/compare/scenarios").await
}

/// Everything that the last comparison measured.
pub async fn results() -> Result<Results, String> {
    get("/api/compare/results").await
}

/// Starts a comparison, or returns the reason why not.
pub async fn start(request: &ComparisonRequest) -> Result<(), String> {
    done(send(Request::post(URL), json::write(request)?).await?)
}

/// Sends a click of the visitor in the present run, or returns the reason why not.
pub async fn click() -> Result<(), String> {
    done(answer(Request::post(&format!("{URL}/click")).send().await).await?)
}

/// Stops the comparison under way; its finished runs are kept.
pub async fn stop() -> Result<(), String> {
    done(answer(Request::delete(URL).send().await).await?)
}
