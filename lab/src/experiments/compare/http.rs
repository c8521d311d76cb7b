//! Comparisons over HTTP, for the page: one at a time, on stacks of their own.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use runtime::problem::Refusal;
use verdict::api::{ComparisonRequest, MAX_REPETITIONS};
use verdict::{Scenario, builtin_scenarios};

use super::comparison::Comparison;
use super::comparisons::Comparisons;
use super::ended::Ended;
use super::own_brokers::OwnBrokers;
use crate::run::front::{Object, Work, same_origin};

/// The routes of the comparisons, which are part of this work.
pub fn routes(work: Work, own: Option<OwnBrokers>) -> Router {
    let changes = post(start).delete(stop).layer(middleware::from_fn(same_origin));
    Router::new()
        .route("/api/compare", get(look).merge(changes))
        .route("/api/compare/click", post(click).layer(middleware::from_fn(same_origin)))
        .route("/api/compare/scenarios", get(scenarios))
        .route("/api/compare/results", get(results))
        .route("/api/compare/report", get(report))
        .with_state(Comparisons::new(work, own))
}

fn json(text: Bytes) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// The comparison under way, and the outcome of the last one.
async fn look(State(comparisons): State<Arc<Comparisons>>) -> Result<Response, Refusal> {
    comparisons.view().await.map(json).map_err(|error| Refusal::internal(&*error))
}

/// The scenarios that come with the program.
async fn scenarios() -> Json<Vec<Scenario>> {
    Json(builtin_scenarios::all())
}

async fn last(comparisons: &Comparisons) -> Result<Arc<Ended>, Refusal> {
    comparisons.last().await.map_err(|error| Refusal::internal(&*error))
}

/// The results of the last comparison; before the first one, of the published one.
async fn results(State(comparisons): State<Arc<Comparisons>>) -> Result<Response, Refusal> {
    Ok(json(last(&comparisons).await?.results.clone()))
}

/// Its report; with `?download` as a file to save.
async fn report(State(comparisons): State<Arc<Comparisons>>, RawQuery(query): RawQuery) -> Result<Response, Refusal> {
    let page = Html(last(&comparisons).await?.report.clone());
    // The report needs no script and no other file; nothing that a scenario's text could hold is run.
    let policy: HeaderName = header::CONTENT_SECURITY_POLICY;
    let rules = (policy, "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'");
    if query.as_deref() == Some("download") {
        let file = (header::CONTENT_DISPOSITION, "attachment; filename=\"report.html\"");
        return Ok(([rules, file], page).into_response());
    }
    Ok(([rules], page).into_response())
}

/// Starts a comparison; 409 while another one runs.
async fn start(
    State(comparisons): State<Arc<Comparisons>>,
    Object(ComparisonRequest { scenario, repetitions }): Object<ComparisonRequest>,
) -> Result<StatusCode, Refusal> {
    let repetitions = repetitions.unwrap_or(if scenario.is_some() { 1 } else { 3 });
    if !(1..=MAX_REPETITIONS).contains(&repetitions) {
        let detail = format!("`repetitions` must be a whole number from 1 to {MAX_REPETITIONS}.");
        return Err(Refusal::bad_request(detail));
    }
    let scenarios: Vec<Scenario> = match &scenario {
        None => builtin_scenarios::quick(),
        Some(name) => builtin_scenarios::all().into_iter().filter(|known| known.name == *name).collect(),
    };
    if scenarios.is_empty() {
        let detail = "There is no such scenario; GET /api/compare/scenarios lists all.";
        return Err(Refusal::new(StatusCode::NOT_FOUND, detail));
    }
    let seed = rand::random::<u32>().into();
    let what = scenario.as_deref().unwrap_or("--quick");
    let command = format!("ese compare {what} --reps {repetitions} --seed {seed}");
    let comparison = Comparison::new(scenarios, repetitions, seed, command, comparisons.own.clone());
    let results = comparison.results();
    if results.scenarios.is_empty() {
        let left_out = results.own_brokers.iter().flat_map(|own| &own.left_out);
        let why: Vec<&str> = left_out.map(|left| left.why.as_str()).collect();
        let detail = format!("With brokers of one's own the scenario is left out: {}.", why.join("; "));
        return Err(Refusal::bad_request(detail));
    }
    if !comparisons.start(comparison).await {
        let detail = "A comparison is under way; DELETE /api/compare stops it.";
        return Err(Refusal::new(StatusCode::CONFLICT, detail));
    }
    Ok(StatusCode::ACCEPTED)
}

/// Sends a click of the visitor in the present run. 409 if no load is under way, or if it has taken enough of them.
async fn click(State(comparisons): State<Arc<Comparisons>>) -> Result<StatusCode, Refusal> {
    if !comparisons.click().map_err(|error| Refusal::internal(&*error))? {
        return Err(Refusal::new(StatusCode::CONFLICT, "No load is under way, or it has taken enough clicks."));
    }
    Ok(StatusCode::ACCEPTED)
}

/// Stops the comparison under way; its finished runs are kept. 404 if none runs.
async fn stop(State(comparisons): State<Arc<Comparisons>>) -> Result<StatusCode, Refusal> {
    if !comparisons.stop() {
        return Err(Refusal::new(StatusCode::NOT_FOUND, "No comparison is under way."));
    }
    Ok(StatusCode::ACCEPTED)
}
