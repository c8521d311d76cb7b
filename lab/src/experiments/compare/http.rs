//! Comparisons over HTTP, for the page: one at a time, on stacks of their own.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::rejection::JsonRejection;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use runtime::problem::Refusal;
use tokio_util::sync::CancellationToken;
use verdict::api::{ComparisonRequest, ComparisonView, Last, MAX_REPETITIONS};
use verdict::{Results, Scenario, set};

use super::comparison::Comparison;
use crate::run::front::same_origin;

/// The routes of the comparisons, which end when `close` is cancelled.
pub fn routes(close: CancellationToken) -> Router {
    let changes = post(start).delete(stop).layer(middleware::from_fn(same_origin));
    Router::new()
        .route("/api/compare", get(look).merge(changes))
        .route("/api/compare/scenarios", get(scenarios))
        .route("/api/compare/results", get(results))
        .route("/api/compare/report", get(report))
        .with_state(Arc::new(Comparisons { close, now: Mutex::default() }))
}

struct Comparisons {
    /// Cancelled when the front door closes.
    close: CancellationToken,
    now: Mutex<Now>,
}

#[derive(Default)]
struct Now {
    running: Option<(Arc<Comparison>, CancellationToken)>,
    last: Option<(Arc<Results>, Last)>,
}

impl Comparisons {
    fn lock(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn last(&self) -> Result<Arc<Results>, Refusal> {
        let last = self.lock().last.as_ref().map(|(results, _)| results.clone());
        last.ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "No comparison has ended yet."))
    }
}

/// The comparison under way, and the outcome of the last one.
async fn look(State(comparisons): State<Arc<Comparisons>>) -> Json<ComparisonView> {
    let now = comparisons.lock();
    Json(ComparisonView {
        running: now.running.as_ref().map(|(comparison, _)| comparison.running()),
        last: now.last.as_ref().map(|(_, last)| last.clone()),
    })
}

/// The scenarios that come with the program.
async fn scenarios() -> Json<Vec<Scenario>> {
    Json(set::all())
}

/// The results of the last comparison.
async fn results(State(comparisons): State<Arc<Comparisons>>) -> Result<Json<Results>, Refusal> {
    comparisons.last().map(|last| Json((*last).clone()))
}

/// Its report; with `?download` as a file to save.
async fn report(State(comparisons): State<Arc<Comparisons>>, RawQuery(query): RawQuery) -> Result<Response, Refusal> {
    let last = comparisons.last()?;
    let page = Html(verdict::report::html(&last, &verdict::judge(&last)));
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
    request: Result<Json<ComparisonRequest>, JsonRejection>,
) -> Result<StatusCode, Refusal> {
    let Json(ComparisonRequest { scenario, repetitions }) =
        request.map_err(|rejection| Refusal::new(rejection.status(), format!("{}.", rejection.body_text())))?;
    let bad = |text: String| Refusal::bad_request(text);
    let repetitions = repetitions.unwrap_or(if scenario.is_some() { 1 } else { 3 });
    if !(1..=MAX_REPETITIONS).contains(&repetitions) {
        return Err(bad(format!("`repetitions` must be a whole number from 1 to {MAX_REPETITIONS}.")));
    }
    let scenarios =
        match &scenario {
            None => set::quick(),
            Some(name) => {
                let known = set::all().into_iter().find(|known| known.name == *name);
                vec![known.ok_or_else(|| {
                    bad("There is no such scenario; GET /api/compare/scenarios lists all.".to_owned())
                })?]
            }
        };
    let seed = rand::random::<u32>().into();
    let what = scenario.as_deref().unwrap_or("--quick");
    let command = format!("ese compare {what} --reps {repetitions} --seed {seed}");
    let stop = comparisons.close.child_token();
    let comparison = Arc::new(Comparison::new(scenarios, repetitions, seed, command));
    {
        let mut now = comparisons.lock();
        if now.running.is_some() {
            let detail = "A comparison is under way; DELETE /api/compare stops it.";
            return Err(Refusal::new(StatusCode::CONFLICT, detail));
        }
        now.running = Some((comparison.clone(), stop.clone()));
    }
    let (running, waiting) = (comparison.clone(), comparisons.clone());
    let made = tokio::spawn(async move { running.run(&stop, |_| ()).await });
    tokio::spawn(async move {
        let ended = made.await.inspect_err(|error| tracing::error!(%error, "the comparison broke"));
        let results = comparison.results();
        // A comparison that was stopped before its first run ended changes nothing.
        let counts = ended.is_ok() && results.scenarios.iter().any(|scenario| !scenario.runs.is_empty());
        let last = counts.then(|| (Last::of(&results), Arc::new(results)));
        let mut now = waiting.lock();
        now.running = None;
        if let Some((last, results)) = last {
            now.last = Some((results, last));
        }
    });
    Ok(StatusCode::ACCEPTED)
}

/// Stops the comparison under way; its finished runs are kept. 404 if none runs.
async fn stop(State(comparisons): State<Arc<Comparisons>>) -> Result<StatusCode, Refusal> {
    match &comparisons.lock().running {
        Some((_, stop)) => stop.cancel(),
        None => return Err(Refusal::new(StatusCode::NOT_FOUND, "No comparison is under way.")),
    }
    Ok(StatusCode::ACCEPTED)
}
