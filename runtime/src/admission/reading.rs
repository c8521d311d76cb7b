//! One body under way: its frames, and the room that it takes for them.

use std::future::poll_fn;
use std::mem;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use futures_util::FutureExt;
use hyper::body::Frame;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, interval, sleep};
use tokio_util::sync::CancellationToken;

use super::room::{Admission, Reader, WAIT, permits};

/// How often a body that waits for room looks for slower ones.
const LOOK: Duration = Duration::from_millis(20);

/// Names the bodies under way.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// Why a body was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// There was no room in time.
    NoRoom,
    /// Others waited for its room, and it was the slowest.
    Slow,
    /// It took too long.
    Late,
    /// It has too many bytes.
    TooLarge,
    /// It cannot be unpacked.
    NotGzip,
    /// The connection broke.
    Cut,
}

/// The next frame of a body.
pub(super) async fn next_frame(body: &mut Body) -> Option<Result<Frame<Bytes>, axum::Error>> {
    poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await
}

/// The room that a body holds.
#[derive(Debug, Default)]
struct Held {
    room: Option<OwnedSemaphorePermit>,
    /// Room for all the rest of the body, or for the whole of it unpacked.
    reserve: Option<OwnedSemaphorePermit>,
}

/// The room of a body, given back when it is dropped.
#[derive(Debug)]
pub struct Room {
    _held: Held,
}

/// A body after the first look at it.
pub(super) enum Begun {
    /// All of it was there, and there was room. Most bodies are small and come with their head.
    Whole(Bytes, Room),
    /// The first frame, if there was one.
    Part(Option<Bytes>),
}

/// Takes the first frame, if it is there. A whole body takes its room without a wait, so it is not listed.
pub(super) fn begin(admission: &Admission, body: &mut Body, limit: usize) -> Result<Begun, Broken> {
    if body.size_hint().lower() > limit as u64 {
        return Err(Broken::TooLarge);
    }
    let first = match next_frame(body).now_or_never() {
        None => return Ok(Begun::Part(None)),
        Some(None) => Bytes::new(),
        Some(Some(frame)) => match frame.map_err(|_| Broken::Cut)?.into_data() {
            Ok(data) if body.is_end_stream() => data,
            other => return Ok(Begun::Part(other.ok())),
        },
    };
    if first.len() > limit {
        return Err(Broken::TooLarge);
    }
    Ok(match admission.room_at_once(first.len()) {
        // Copied: the frame is a part of the connection's buffer, which may be larger.
        Some(room) => {
            Begun::Whole(Bytes::copy_from_slice(&first), Room { _held: Held { room: Some(room), reserve: None } })
        }
        None => Begun::Part(Some(first)),
    })
}

/// A body under way, listed until this is dropped.
pub(super) struct Reading {
    admission: Admission,
    id: u64,
    held: Held,
    /// How long it may still wait for room.
    patience: Duration,
    pub(super) given_up: CancellationToken,
}

impl Reading {
    pub(super) fn begin(admission: Admission) -> Self {
        let (id, given_up) = (NEXT.fetch_add(1, Ordering::Relaxed), CancellationToken::new());
        let reader = Reader { arrived: 0, held: 0, waited: Duration::ZERO, waiting: None, given_up: given_up.clone() };
        admission.readers().insert(id, reader);
        Self { admission, id, held: Held::default(), patience: WAIT, given_up }
    }

    /// The room that was taken.
    pub(super) fn end(mut self) -> Room {
        Room { _held: mem::take(&mut self.held) }
    }

    fn note(&self, change: impl FnOnce(&mut Reader)) {
        self.admission.readers().get_mut(&self.id).map(change);
    }

    /// Reads from the first frame to the end, taking room for each frame before it is kept.
    pub(super) async fn read(&mut self, first: Option<Bytes>, body: &mut Body, limit: usize) -> Result<Bytes, Broken> {
        // Grown as bytes arrive: the length that a request claims costs nothing.
        let mut bytes = Vec::new();
        if let Some(first) = first {
            self.keep(&mut bytes, first, limit).await?;
        }
        loop {
            let asked = Instant::now();
            self.note(|reader| reader.waiting = Some(asked));
            let frame = next_frame(body).await;
            self.note(|reader| {
                reader.waiting = None;
                reader.waited += asked.elapsed();
            });
            let Some(frame) = frame else { return Ok(bytes.into()) };
            let Ok(data) = frame.map_err(|_| Broken::Cut)?.into_data() else { continue };
            self.keep(&mut bytes, data, limit).await?;
        }
    }

    async fn keep(&mut self, bytes: &mut Vec<u8>, data: Bytes, limit: usize) -> Result<(), Broken> {
        if bytes.len() + data.len() > limit {
            return Err(Broken::TooLarge);
        }
        self.take_room(data.len()).await?;
        bytes.extend_from_slice(&data);
        Ok(())
    }

    /// Takes more room, or a place in the reserve, as soon as there is one.
    pub(super) async fn take_room(&mut self, bytes: usize) -> Result<(), Broken> {
        if self.held.reserve.is_some() {
            self.note(|reader| reader.arrived += bytes);
            return Ok(());
        }
        match self.admission.room_at_once(bytes) {
            Some(more) => {
                self.hold(more, bytes);
                Ok(())
            }
            None => self.wait_for_room(bytes).await,
        }
    }

    fn hold(&mut self, more: OwnedSemaphorePermit, bytes: usize) {
        match &mut self.held.room {
            Some(room) => room.merge(more),
            none => *none = Some(more),
        }
        self.note(|reader| {
            reader.arrived += bytes;
            reader.held += bytes;
        });
    }

    async fn wait_for_room(&mut self, bytes: usize) -> Result<(), Broken> {
        let begin = Instant::now();
        let mut room = pin!(self.admission.room.clone().acquire_many_owned(permits(bytes)));
        let mut reserve = pin!(self.admission.reserve.clone().acquire_owned());
        let mut end = pin!(sleep(self.patience));
        let mut look = interval(LOOK);
        loop {
            tokio::select! {
                biased;
                Ok(more) = &mut room => {
                    self.hold(more, bytes);
                    break;
                }
                Ok(reserve) = &mut reserve => {
                    self.held.reserve = Some(reserve);
                    self.note(|reader| {
                        reader.arrived += bytes;
                        reader.held += self.admission.largest;
                    });
                    break;
                }
                () = &mut end => return Err(Broken::NoRoom),
                _ = look.tick() => self.admission.give_up_slowest(bytes),
            }
        }
        self.patience = self.patience.saturating_sub(begin.elapsed());
        Ok(())
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        // First the room, then the listing: until then it counts as about to be free.
        drop(mem::take(&mut self.held));
        self.admission.readers().remove(&self.id);
    }
}
