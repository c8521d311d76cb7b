//! Bodies that are read at once are bounded in bytes; room is taken for what has arrived, and slow senders lose theirs first.
//!
//! Half of the room is a reserve of places for whole bodies: where half-read bodies hold all the rest, some of them complete
//! there, one after the other.

mod gzip;
mod reading;
mod room;
#[cfg(test)]
mod tests;

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRef, FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};

use crate::problem::Refusal;
use reading::{Begun, Broken, Reading, begin};
use room::WAIT;

pub use reading::Room;
pub use room::Admission;

/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

async fn read(admission: Admission, mut body: Body, limit: usize, is_gzip: bool) -> Result<(Bytes, Room), Broken> {
    let first = match begin(&admission, &mut body, limit)? {
        Begun::Whole(bytes, room) if !is_gzip => return Ok((bytes, room)),
        Begun::Whole(bytes, _) => Some(bytes),
        Begun::Part(first) => first,
    };
    let mut reading = Reading::begin(admission);
    let given_up = reading.given_up.clone();
    let whole = async {
        let bytes = reading.read(first, &mut body, limit).await?;
        if !is_gzip {
            return Ok(bytes);
        }
        // The packed and the unpacked body are in memory together for a moment.
        let size = gzip::claimed_size(&bytes).min(limit);
        reading.take_room(size).await?;
        gzip::unpack(&bytes, size, limit)
    };
    tokio::select! {
        read = whole => Ok((read?, reading.end())),
        () = given_up.cancelled() => Err(Broken::Slow),
        () = tokio::time::sleep(PATIENCE) => Err(Broken::Late),
    }
}

/// A body of at most `LIMIT` bytes, and its room. One that comes by gzip is unpacked within the same limit and room.
#[derive(Debug)]
pub struct Admitted<const LIMIT: usize> {
    /// The body.
    pub body: Bytes,
    /// Its room; to be kept as long as the body.
    pub room: Room,
}

impl<S, const LIMIT: usize> FromRequest<S> for Admitted<LIMIT>
where
    S: Send + Sync,
    Admission: FromRef<S>,
{
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let (admission, is_gzip) = (Admission::from_ref(state), is_gzip(request.headers())?);
        let read = read(admission, request.into_body(), LIMIT, is_gzip).await;
        read.map(|(body, room)| Self { body, room }).map_err(|broken| match broken {
            Broken::NoRoom => {
                Refusal::unavailable("There is too much to read at the moment. Nothing was taken; send it again.", WAIT)
            }
            Broken::Slow => {
                let detail = "The body came too slowly while others waited. Nothing was taken; send it again.";
                Refusal::unavailable(detail, WAIT)
            }
            Broken::Late => {
                let detail = format!("The body did not arrive within {} s.", PATIENCE.as_secs());
                Refusal::new(StatusCode::REQUEST_TIMEOUT, detail)
            }
            Broken::TooLarge => {
                let detail = format!("The body is larger than {LIMIT} bytes; send less at once.");
                Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
            }
            Broken::NotGzip => Refusal::bad_request("The body is not gzip, as its Content-Encoding says."),
            Broken::Cut => Refusal::bad_request("The body could not be read to its end."),
        })
    }
}

fn is_gzip(headers: &HeaderMap) -> Result<bool, Refusal> {
    let named =
        headers.get(header::CONTENT_ENCODING).map(|name| name.to_str().unwrap_or("?").trim().to_ascii_lowercase());
    match named.as_deref() {
        None | Some("" | "identity") => Ok(false),
        Some("gzip" | "x-gzip") => Ok(true),
        Some(_) => {
            let detail = "Send the body as it is, or with the Content-Encoding gzip.";
            Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail))
        }
    }
}
