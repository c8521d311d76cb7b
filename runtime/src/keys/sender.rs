//! The sender of a request: a holder of a write key within its limits, the admin, or anybody where there are no keys.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};

use super::limit::Over;
use super::{Key, Senders};
use crate::problem::Refusal;
use crate::request_checks;
use crate::secret;

/// A sender who may send. It is refused before its body is read.
#[derive(Debug)]
pub struct Sender {
    key: Option<Arc<Key>>,
    /// How many bytes of the body are counted already.
    counted: usize,
}

impl Sender {
    /// Counts the bytes of the body that the head did not announce.
    pub fn body(&self, bytes: usize) -> Result<(), Refusal> {
        let rest = bytes.saturating_sub(self.counted);
        self.key.as_ref().map_or(Ok(()), |key| key.take_bytes(rest))
    }

    /// Counts events.
    pub fn events(&self, events: usize) -> Result<(), Refusal> {
        let Some(key) = &self.key else { return Ok(()) };
        key.events.take(events).map_err(|over| match over {
            Over::Wait(wait) => Refusal { retry_after: Some(wait), ..key.over("events") },
            Over::Burst => {
                let most = key.entry.burst;
                let detail =
                    format!("There are {events} events; the key `{}` may send {most} at once.", key.entry.name);
                Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
            }
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Sender
where
    Senders: FromRef<S>,
{
    type Rejection = Refusal;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Self, Refusal> {
        Senders::from_ref(state).admit(head)
    }
}

impl Senders {
    fn admit(&self, head: &Parts) -> Result<Sender, Refusal> {
        let Some(keys) = &self.keys else { return Ok(Sender { key: None, counted: 0 }) };
        let key = secret::bearer(&head.headers).or_else(|| in_query(head)).and_then(|given| keys.find(given));
        let Some(key) = key else {
            // The page of someone who has signed in has no key.
            if self.admin.is_admin(&head.headers) && request_checks::is_of_this_site(&head.headers) {
                return Ok(Sender { key: None, counted: 0 });
            }
            let detail = "Send a write key that is valid here, as `Authorization: Bearer` or as `?key=`.";
            return Err(Refusal::new(StatusCode::UNAUTHORIZED, detail));
        };
        if !key.admits(&head.headers) {
            let detail = format!("Pages of this origin may not use the key `{}`.", key.entry.name);
            return Err(Refusal::new(StatusCode::FORBIDDEN, detail));
        }
        let length = head.headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        let counted = length.unwrap_or(0);
        key.take_bytes(counted)?;
        Ok(Sender { key: Some(key), counted })
    }
}

impl Key {
    /// Whether a program sends this, or a page that may use the key.
    fn admits(&self, headers: &HeaderMap) -> bool {
        let Some(origin) = headers.get(header::ORIGIN) else { return true };
        self.lists(origin) || request_checks::is_of_this_site(headers)
    }

    fn take_bytes(&self, bytes: usize) -> Result<(), Refusal> {
        match self.bytes.take(bytes) {
            // A body past the largest one is refused for its size, with 413.
            Ok(()) | Err(Over::Burst) => Ok(()),
            Err(Over::Wait(wait)) => Err(Refusal { retry_after: Some(wait), ..self.over("bytes") }),
        }
    }

    fn over(&self, what: &str) -> Refusal {
        metrics::counter!("ese_key_over_limit_total", "key" => self.entry.name.clone(), "limit" => what.to_owned())
            .increment(1);
        let detail = format!("The key `{}` has sent too many {what}; send this again later.", self.entry.name);
        Refusal::new(StatusCode::TOO_MANY_REQUESTS, detail)
    }
}

/// The value of `key` in the query. A key has no characters that are escaped there.
fn in_query(head: &Parts) -> Option<&[u8]> {
    let query = head.uri.query()?;
    query.split('&').find_map(|pair| pair.strip_prefix("key=")).map(str::as_bytes)
}
