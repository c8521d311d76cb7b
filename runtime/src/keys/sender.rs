//! The sender of a request: a holder of a write key within its limits, the admin, or anybody where there are no keys.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRef, FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, Uri, header};

use super::limit::Over;
use super::{Key, Senders};
use crate::admission::{Admission, Admitted, Room};
use crate::problem::Refusal;
use crate::request_checks;
use crate::secret;

/// A sender who may send.
#[derive(Debug)]
pub struct Sender(Option<Arc<Key>>);

/// A body of at most `LIMIT` bytes from a sender who may send; anybody else is refused before the body is read.
#[derive(Debug)]
pub struct Sent<const LIMIT: usize> {
    /// The sender.
    pub sender: Sender,
    /// The body.
    pub body: Bytes,
    /// Its room; to be kept as long as the body.
    pub room: Room,
}

impl Sender {
    fn bytes(&self, bytes: usize) -> Result<(), Refusal> {
        let Some(key) = &self.0 else { return Ok(()) };
        match key.bytes.take(bytes) {
            // A body past the largest one is refused for its size, with 413.
            Ok(()) | Err(Over::Burst) => Ok(()),
            Err(Over::Wait(wait)) => Err(Refusal { retry_after: Some(wait), ..key.over("bytes") }),
        }
    }

    /// Counts events.
    pub fn events(&self, events: usize) -> Result<(), Refusal> {
        let Some(key) = &self.0 else { return Ok(()) };
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

impl<S, const LIMIT: usize> FromRequest<S> for Sent<LIMIT>
where
    S: Send + Sync,
    Senders: FromRef<S>,
    Admission: FromRef<S>,
{
    type Rejection = Refusal;

    /// The bytes of Content-Length count before the body is read, and further bytes after it. A request that
    /// finds no room counts none.
    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let sender = Senders::from_ref(state).admit(request.uri(), request.headers())?;
        let length = request.headers().get(header::CONTENT_LENGTH);
        let announced = length.and_then(|length| length.to_str().ok()?.parse().ok()).unwrap_or(0);
        sender.bytes(announced)?;
        let read = Admitted::<LIMIT>::from_request(request, state).await;
        let Admitted { body, room } = read.inspect_err(|refusal| {
            if let (Some(key), StatusCode::SERVICE_UNAVAILABLE) = (&sender.0, refusal.status) {
                key.bytes.give_back(announced);
            }
        })?;
        sender.bytes(body.len().saturating_sub(announced))?;
        Ok(Self { sender, body, room })
    }
}

impl Senders {
    fn admit(&self, uri: &Uri, headers: &HeaderMap) -> Result<Sender, Refusal> {
        let Some(keys) = &self.keys else { return Ok(Sender(None)) };
        let key = secret::bearer(headers).or_else(|| in_query(uri)).and_then(|given| keys.find(given));
        let Some(key) = key else {
            // The page of someone who has signed in has no key.
            if self.admin.is_admin(headers) && request_checks::is_of_this_site(headers) {
                return Ok(Sender(None));
            }
            let detail = "Send a write key that is valid here, as `Authorization: Bearer` or as `?key=`.";
            return Err(Refusal::new(StatusCode::UNAUTHORIZED, detail));
        };
        if !key.admits(headers) {
            let detail = format!("Pages of this origin may not use the key `{}`.", key.entry.name);
            return Err(Refusal::new(StatusCode::FORBIDDEN, detail));
        }
        Ok(Sender(Some(key)))
    }
}

impl Key {
    /// Whether a program sends this, or a page that may use the key.
    fn admits(&self, headers: &HeaderMap) -> bool {
        let Some(origin) = headers.get(header::ORIGIN) else { return true };
        self.lists(origin) || request_checks::is_of_this_site(headers)
    }

    fn over(&self, what: &str) -> Refusal {
        metrics::counter!("ese_key_over_limit_total", "key" => self.entry.name.clone(), "limit" => what.to_owned())
            .increment(1);
        let detail = format!("The key `{}` has sent too many {what}; send this again later.", self.entry.name);
        Refusal::new(StatusCode::TOO_MANY_REQUESTS, detail)
    }
}

/// The value of `key` in the query. A key has no characters that are escaped there.
fn in_query(uri: &Uri) -> Option<&[u8]> {
    uri.query()?.split('&').find_map(|pair| pair.strip_prefix("key=")).map(str::as_bytes)
}

#[cfg(test)]
mod tests {
    use std::sync::RwLock;

    use axum::body::Body;

    use super::super::{KeyEntry, Keys};
    use super::*;
    use crate::testing;

    const LIMIT: usize = 1 << 20;

    #[derive(Clone)]
    struct Service(Senders, Admission);

    impl FromRef<Service> for Senders {
        fn from_ref(service: &Service) -> Self {
            service.0.clone()
        }
    }

    impl FromRef<Service> for Admission {
        fn from_ref(service: &Service) -> Self {
            service.1.clone()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_counts_once_and_not_at_all_where_there_is_no_room_for_it() {
        let entry = KeyEntry { bytes_per_second: 1, ..testing::key("shop", "*") };
        let keys = Keys(Arc::new(RwLock::new([Arc::new(Key::new(entry))].into())));
        let service = Service(Senders { keys: Some(keys), ..Senders::default() }, Admission::new(LIMIT, 2));
        let send = async || {
            let body = vec![b'x'; LIMIT * 2 / 3];
            let request = Request::post("/?key=shop").header(header::CONTENT_LENGTH, body.len());
            let sent = Sent::<LIMIT>::from_request(request.body(Body::from(body)).unwrap(), &service).await;
            sent.map(|sent| sent.body.len()).map_err(|refusal| refusal.status.as_u16())
        };
        let fill = || Admitted::<LIMIT>::from_request(Request::new(Body::from(vec![b'x'; LIMIT])), &service.1);
        let all = [fill().await.unwrap(), fill().await.unwrap()];
        assert_eq!((send().await, send().await), (Err(503), Err(503)));
        drop(all);
        assert_eq!((send().await, send().await), (Ok(LIMIT * 2 / 3), Err(429)));
    }
}
