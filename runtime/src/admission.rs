//! Bodies that are read at once are bounded in bytes; room is taken for what has arrived, and slow senders lose theirs first.
//!
//! Half of the room is a reserve of places for whole bodies: where half-read bodies hold all the rest, some of them complete
//! there, one after the other.

mod reading;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRef, FromRequest, Request};
use axum::http::StatusCode;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use crate::problem::Refusal;
use reading::{Broken, Held, Reading, next_frame};

/// How long a body may wait for room, all in all.
const WAIT: Duration = Duration::from_secs(1);
/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);
/// A sender that was waited for less than this is not given up: its speed is not yet known.
const MOMENT: Duration = Duration::from_millis(250);

/// Room for the bodies of one service.
#[derive(Clone, Debug)]
pub struct Admission {
    room: Arc<Semaphore>,
    /// A permit for each body that may complete in the reserve.
    reserve: Arc<Semaphore>,
    /// The bytes of the largest body, and of each place in the reserve.
    largest: usize,
    readers: Arc<Mutex<HashMap<u64, Reader>>>,
}

/// A body under way.
#[derive(Debug)]
struct Reader {
    /// The bytes that have come.
    arrived: usize,
    /// The bytes of room that it holds.
    held: usize,
    /// How long the sender was waited for, and since when it is again.
    waited: Duration,
    waiting: Option<Instant>,
    given_up: CancellationToken,
}

impl Reader {
    /// Bytes per second of the sender, if it is waited for now and has been for a moment.
    ///
    /// While a body waits for room, its sender is not slow.
    fn speed(&self, now: Instant) -> Option<f64> {
        let waited = self.waited + (now - self.waiting?);
        (waited >= MOMENT).then(|| self.arrived as f64 / waited.as_secs_f64())
    }
}

impl Admission {
    /// Room for the bytes of `count` of the largest bodies, two at least.
    pub fn new(largest: usize, count: usize) -> Self {
        let reserve = (count / 2).max(1);
        let room = largest * count.saturating_sub(reserve).max(1);
        let [room, reserve] = [room, reserve].map(|permits| Arc::new(Semaphore::new(permits)));
        Self { room, reserve, largest, readers: Arc::default() }
    }

    fn readers(&self) -> MutexGuard<'_, HashMap<u64, Reader>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives up the slowest bodies until `wanted` bytes are about to be free.
    fn give_up_slowest(&self, wanted: usize) {
        let (now, readers) = (Instant::now(), self.readers());
        let (given_up, others): (Vec<_>, Vec<_>) =
            readers.values().filter(|reader| reader.held > 0).partition(|reader| reader.given_up.is_cancelled());
        let mut freed: usize = given_up.iter().map(|reader| reader.held).sum();
        let mut slow: Vec<_> = others.iter().filter_map(|reader| Some((reader.speed(now)?, reader))).collect();
        slow.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        for (_, reader) in slow {
            if freed >= wanted {
                break;
            }
            freed += reader.held;
            reader.given_up.cancel();
        }
    }

    async fn read(&self, body: &mut Body, limit: usize) -> Result<(Bytes, Room), Broken> {
        let mut reading = Reading::begin(self.clone());
        let given_up = reading.given_up.clone();
        tokio::select! {
            read = reading.read(body, limit) => Ok((read?, reading.end())),
            () = given_up.cancelled() => Err(Broken::Slow),
            () = tokio::time::sleep(PATIENCE) => Err(Broken::Late),
        }
    }
}

/// The room of a body, given back when it is dropped.
#[derive(Debug)]
pub struct Room {
    _held: Held,
}

/// A body of at most `LIMIT` bytes, and its room.
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
        let mut body = request.into_body();
        let broken = match Admission::from_ref(state).read(&mut body, LIMIT).await {
            Ok((body, room)) => return Ok(Self { body, room }),
            Err(broken) => broken,
        };
        if matches!(broken, Broken::NoRoom | Broken::Slow | Broken::TooLarge) {
            drain(&mut body).await;
        }
        Err(match broken {
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
            Broken::Cut => Refusal::bad_request("The body could not be read to its end."),
        })
    }
}

/// Lets the body come without keeping it, until its sender pauses: a client whose connection breaks while it sends may
/// never read the answer.
async fn drain(body: &mut Body) {
    let all = async { while let Ok(Some(Ok(_))) = timeout(MOMENT, next_frame(body)).await {} };
    timeout(PATIENCE, all).await.ok();
}
