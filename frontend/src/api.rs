//! Requests for what the page shows besides the live stream.

pub mod simulation;

use domain::api::{InboxMail, LedgerView, Part, Problem, UseCaseView};
use domain::mail::MailStatus;
use gloo_net::http::{Request, RequestBuilder, Response};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tracker::json;

/// The most accounts asked for: three routes of a hundred sessions.
pub const ACCOUNTS: usize = 300;

/// The books, with the accounts touched last.
pub async fn ledger() -> Result<LedgerView, String> {
    get(&format!("/api/ledger?limit={ACCOUNTS}")).await
}

/// The books, with all accounts of one session.
pub async fn session(id: &str) -> Result<LedgerView, String> {
    get(&format!("/api/ledger?session={}", String::from(js_sys::encode_uri_component(id)))).await
}

/// The use cases.
pub async fn use_cases() -> Result<Vec<UseCaseView>, String> {
    get("/api/use-cases").await
}

/// Changes settings of a use case; in the end says what is saved, or why not in the consumer's own words.
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

/// The mails as the mailer knows them, newest first.
pub async fn mails() -> Result<Vec<MailStatus>, String> {
    get("/api/mails").await
}

/// How the parts are, by whoever supervises them; behind another proxy there may be nobody who can be asked.
pub async fn parts() -> Option<Vec<Part>> {
    get("/api/parts").await.ok()
}

/// Gets JSON, or says in a sentence why not.
async fn get<T: DeserializeOwned>(url: &str) -> Result<T, String> {
    let (status, text) = fetch(url).await?;
    parse(status, &text)
}

async fn fetch(url: &str) -> Result<(u16, String), String> {
    answer(Request::get(url).send().await).await
}

/// Sends JSON; the status of the answer, and its text.
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

/// What a refusal says, as a sentence.
fn refusal(status: u16, body: &str) -> String {
    match json::read::<Problem>(body) {
        Ok(problem) => format!("The server answers {status}: {}", problem.detail),
        Err(_) => format!("The server answers {status}."),
    }
}
