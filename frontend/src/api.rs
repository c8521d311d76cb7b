//! Requests for what the page shows besides the live stream.

use domain::api::{InboxMail, LedgerView, Part, Problem};
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

/// How the parts are, by whoever supervises them; behind another proxy there may be nobody who can be asked.
pub async fn parts() -> Option<Vec<Part>> {
    get("/api/parts").await.ok()
}

/// Gets JSON, or says in a sentence why not.
async fn get<T: DeserializeOwned>(url: &str) -> Result<T, String> {
    let response = Request::get(url).send().await.map_err(|_| "The server cannot be reached.".to_owned())?;
    let status = response.status();
    let text = response.text().await.map_err(|_| "The connection broke before the answer was whole.".to_owned())?;
    if status == 200 {
        return serde_json::from_str(&text).map_err(|error| format!("The answer is not what was expected: {error}."));
    }
    match serde_json::from_str::<Problem>(&text) {
        Ok(problem) => Err(format!("The server answers {status}: {}", problem.detail)),
        Err(_) => Err(format!("The server answers {status}.")),
    }
}
