//! Requests for what the page shows besides the live stream.

pub mod simulation;

use domain::api::{InboxMail, LedgerView, Problem};
use domain::mail::MailStatus;
use gloo_net::http::Request;
use serde::de::DeserializeOwned;

/// The books.
pub async fn ledger() -> Result<LedgerView, String> {
    get("/api/ledger").await
}

/// The mails as they were delivered, newest first.
pub async fn inbox() -> Result<Vec<InboxMail>, String> {
    get("/api/inbox").await
}

/// The mails as the mailer knows them, newest first.
pub async fn mails() -> Result<Vec<MailStatus>, String> {
    get("/api/mails").await
}

/// Gets JSON, or says in a sentence why not.
async fn get<T: DeserializeOwned>(url: &str) -> Result<T, String> {
    let response = Request::get(url).send().await.map_err(|_| "The server cannot be reached.".to_owned())?;
    let status = response.status();
    let text = response.text().await.map_err(|_| "The connection broke before the answer was whole.".to_owned())?;
    if status == 200 {
        return serde_json::from_str(&text).map_err(|error| format!("The answer is not what was expected: {error}."));
    }
    Err(refusal(status, &text))
}

/// What a refusal says, as a sentence.
fn refusal(status: u16, body: &str) -> String {
    match serde_json::from_str::<Problem>(body) {
        Ok(problem) => format!("The server answers {status}: {}", problem.detail),
        Err(_) => format!("The server answers {status}."),
    }
}
