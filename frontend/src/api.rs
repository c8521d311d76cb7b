//! Requests for data that the live stream does not carry.

pub mod backend_metrics;
pub mod compare;
pub mod faults;
pub mod guarantee;
pub mod login;
pub mod simulation;

use domain::api::{InboxMail, LedgerView, Part, Problem, UseCaseView};
use domain::mail_request::MailStatus;
use gloo_net::http::{Request, RequestBuilder, Response};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tracker::json;
use uuid::Uuid;

/// The ledger, with at most `limit` sessions, those that changed last; of all sessions, or of those that are not exact.
pub async fn ledger(limit: usize, inexact: bool) -> Result<LedgerView, String> {
    get(&format!("/api/ledger?limit={limit}&inexact={inexact}")).await
}

/// The ledger of one session.
pub async fn session(id: &str) -> Result<LedgerView, String> {
    get(&format!("/api/ledger?session={}", String::from(js_sys::encode_uri_component(id)))).await
}

/// The use cases.
pub async fn use_cases() -> Result<Vec<UseCaseView>, String> {
    get("/api/use-cases").await
}

/// Changes settings of a use case; returns the saved ones, or the consumer's reason why not.
pub async fn change_use_case(id: &str, changes: &Map<String, Value>) -> Result<UseCaseView, String> {
    let (status, text) = send(Request::patch(&format!("/api/use-cases/{id}")), json::write(changes)?).await?;
    match json::read::<Problem>(&text) {
        Ok(problem) if status != 200 => Err(problem.detail),
        _ => parse(status, &text),
    }
}

/// The mails as they were delivered, newest first.
pub async fn inbox() -> Result<Vec<InboxMail>, String> {
    get("/api/inbox").await
}

/// The status of the latest mails from the mailer, newest first.
pub async fn mails() -> Result<Vec<MailStatus>, String> {
    get("/api/mails").await
}

/// The status of the mails of these alerts, as far as the mailer has them.
pub async fn mails_of(alerts: &[Uuid]) -> Result<Vec<MailStatus>, String> {
    let ids: Vec<String> = alerts.iter().map(Uuid::to_string).collect();
    get(&format!("/api/mails?id={}", ids.join(","))).await
}

/// The health of the parts from their supervisor; behind another proxy there may be none.
pub async fn parts() -> Option<Vec<Part>> {
    get("/api/parts").await.ok()
}

/// Gets what not every stack offers; none if this one does not.
async fn offered<T: DeserializeOwned>(url: &str) -> Result<Option<T>, String> {
    match fetch(url).await? {
        (404 | 405, _) => Ok(None),
        (status, text) => parse(status, &text).map(Some),
    }
}

/// Gets JSON, or the reason why not as a sentence.
async fn get<T: DeserializeOwned>(url: &str) -> Result<T, String> {
    let (status, text) = fetch(url).await?;
    parse(status, &text)
}

async fn fetch(url: &str) -> Result<(u16, String), String> {
    answer(Request::get(url).send().await).await
}

/// Sends JSON, and returns the status and the text of the answer.
async fn send(request: RequestBuilder, body: String) -> Result<(u16, String), String> {
    let request = request.header("content-type", "application/json").body(body);
    answer(request.map_err(|error| error.to_string())?.send().await).await
}

async fn answer(response: Result<Response, gloo_net::Error>) -> Result<(u16, String), String> {
    let response = response.map_err(|_| "The server cannot be reached.".to_owned())?;
    let text = response.text().await.map_err(|_| "The connection broke before the answer was whole.".to_owned())?;
    Ok((response.status(), text))
}

fn parse<T: DeserializeOwned>(status: u16, text: &str) -> Result<T, String> {
    if status == 200 {
        return json::read(text).map_err(|error| format!("The answer is not what was expected: {error}."));
    }
    Err(refusal(status, text))
}

fn done((status, text): (u16, String)) -> Result<(), String> {
    if (200..300).contains(&status) { Ok(()) } else { Err(refusal(status, &text)) }
}

/// A refusal as a sentence.
fn refusal(status: u16, body: &str) -> String {
    match json::read::<Problem>(body) {
        Ok(problem) => format!("The server answers {status}: {}", problem.detail),
        Err(_) => format!("The server answers {status}."),
    }
}
