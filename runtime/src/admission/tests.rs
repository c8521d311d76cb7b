//! Bodies of all speeds compete for room, in time that a test lets pass.

use std::convert::Infallible;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::future::{FutureExt, join_all};
use futures_util::stream::{self, StreamExt};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use super::room::MOMENT;
use super::*;

const LIMIT: usize = 1000;

/// A body that comes in `pieces` pieces of `bytes` each, with `pause` before each; then it ends, or stalls.
fn body(pieces: usize, bytes: usize, pause: Duration, ends: bool) -> Body {
    let pieces = stream::iter(0..pieces).then(move |_| async move {
        tokio::time::sleep(pause).await;
        Ok::<_, Infallible>(vec![b'x'; bytes])
    });
    if ends { Body::from_stream(pieces) } else { Body::from_stream(pieces.chain(stream::pending())) }
}

fn admit(admission: &Admission, body: Body) -> JoinHandle<Result<Admitted<LIMIT>, Refusal>> {
    let admission = admission.clone();
    tokio::spawn(async move { Admitted::from_request(Request::new(body), &admission).await })
}

/// The same with a body by gzip.
fn admit_packed(admission: &Admission, bytes: &[u8]) -> JoinHandle<Result<Admitted<LIMIT>, Refusal>> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(bytes).unwrap();
    let request = Request::post("/").header("content-encoding", "gzip");
    let request = request.body(Body::from(packed.finish().unwrap())).unwrap();
    let admission = admission.clone();
    tokio::spawn(async move { Admitted::from_request(request, &admission).await })
}

fn is_empty(admission: &Admission, count: usize) -> bool {
    let free = (admission.room.available_permits(), admission.reserve.available_permits());
    free == (LIMIT * count / 2, count / 2) && admission.readers().is_empty()
}

const MS: Duration = Duration::from_millis(1);

#[tokio::test(start_paused = true)]
async fn the_slowest_gives_way_and_a_fast_large_body_does_not() {
    let admission = Admission::new(LIMIT, 2);
    let reserve = admission.reserve.clone().try_acquire_owned().unwrap();
    let fast = admit(&admission, body(9, 100, 50 * MS, true));
    let stalled = admit(&admission, body(1, 400, MS, false));
    let read = fast.await.unwrap().unwrap();
    assert_eq!(read.body.len(), 900);
    let refusal = stalled.await.unwrap().unwrap_err();
    assert_eq!((refusal.status, refusal.retry_after), (StatusCode::SERVICE_UNAVAILABLE, Some(WAIT)));
    assert_eq!(admission.room.available_permits(), 100, "a body that is read keeps its room");
    drop((read, reserve));
    assert!(is_empty(&admission, 2));
}

#[tokio::test(start_paused = true)]
async fn the_slowest_gives_way_in_the_reserve_as_well() {
    let admission = Admission::new(LIMIT, 2);
    let stalled = [500, 500, 100].map(|bytes| admit(&admission, body(1, bytes, MS, false)));
    tokio::time::sleep(2 * MOMENT).await;
    assert_eq!((admission.room.available_permits(), admission.reserve.available_permits()), (0, 0));
    let read = admit(&admission, body(9, 100, MS, true)).await.unwrap().unwrap();
    assert_eq!(read.body.len(), 900);
    let [first, second, third] = stalled;
    assert_eq!(third.await.unwrap().unwrap_err().status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!first.is_finished() && !second.is_finished(), "their room is not needed");
}

#[tokio::test(start_paused = true)]
async fn a_slow_body_keeps_its_room_while_nobody_needs_it() {
    let admission = Admission::new(LIMIT, 2);
    let slow = admit(&admission, body(9, 1, 1000 * MS, true));
    let other = admit(&admission, body(9, 100, 50 * MS, true));
    assert_eq!(other.await.unwrap().unwrap().body.len(), 900);
    assert_eq!(slow.await.unwrap().unwrap().body.len(), 9);
}

/// Each body is dropped as soon as it is read.
async fn read_at_once(admission: &Admission, pause: Duration) -> usize {
    let bodies = (0..64).map(async |_| admit(admission, body(10, 100, pause, true)).await.unwrap().is_ok());
    join_all(bodies).await.into_iter().filter(|read| *read).count()
}

#[tokio::test(start_paused = true)]
async fn half_read_bodies_that_hold_all_the_room_do_not_block_each_other() {
    let admission = Admission::new(LIMIT, 4);
    assert_eq!(read_at_once(&admission, Duration::ZERO).await, 64, "nobody was slow");
    let begin = Instant::now();
    let read = read_at_once(&admission, 20 * MS).await;
    assert!(read >= 8, "{read} were read, in a second that has time for four after each other");
    assert!(begin.elapsed() < Duration::from_secs(3), "{:?}", begin.elapsed());
    assert!(is_empty(&admission, 4));
}

#[tokio::test(start_paused = true)]
async fn where_bodies_that_were_read_hold_the_room_the_others_are_refused_for_now() {
    let admission = Admission::new(LIMIT, 2);
    let mut read = Vec::new();
    for _ in 0..2 {
        read.push(admit(&admission, body(10, 100, MS, true)).await.unwrap().unwrap());
    }
    let begin = Instant::now();
    let refusal = admit(&admission, body(1, 10, MS, true)).await.unwrap().unwrap_err();
    assert_eq!((refusal.status, refusal.retry_after), (StatusCode::SERVICE_UNAVAILABLE, Some(WAIT)));
    assert!((WAIT..2 * WAIT).contains(&begin.elapsed()), "{:?}", begin.elapsed());
    drop(read);
    assert_eq!(admit(&admission, Body::empty()).await.unwrap().unwrap().body.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn large_and_late_bodies_are_refused() {
    let admission = Admission::new(LIMIT, 4);
    for large in [Body::from(vec![b'x'; LIMIT + 1]), body(11, 100, MS, true)] {
        let refusal = admit(&admission, large).await.unwrap().unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "413 Payload Too Large: The body is larger than 1000 bytes; send less at once."
        );
    }
    let late = admit(&admission, body(1, 1, MS, false)).await.unwrap().unwrap_err();
    assert_eq!(late.status, StatusCode::REQUEST_TIMEOUT);
    assert!(is_empty(&admission, 4));
}

#[tokio::test(start_paused = true)]
async fn all_room_comes_back_whatever_happens() {
    for seed in 0..100 {
        let (admission, mut random) = (Admission::new(LIMIT, 4), SmallRng::seed_from_u64(seed));
        let bodies: Vec<_> = (0..random.random_range(1..40))
            .map(|_| {
                let pause = random.random_range(0..200) * MS;
                let given = body(random.random_range(0..15), random.random_range(0..120), pause, random.random());
                (admit(&admission, given), random.random_bool(0.2), random.random_range(0..2000) * MS)
            })
            .collect();
        let ends = bodies.into_iter().map(async |(reading, hangs_up, after)| {
            if hangs_up {
                tokio::time::sleep(after).await;
                reading.abort();
            }
            drop(reading.await);
        });
        let all = timeout(Duration::from_secs(30), join_all(ends)).await;
        assert!(all.is_ok() && is_empty(&admission, 4), "seed {seed}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_there_at_once_takes_its_room_without_a_wait_and_within_the_bound() {
    let admission = Admission::new(LIMIT, 2);
    let read = || {
        let quarter = Request::new(Body::from(vec![b'x'; LIMIT / 4]));
        Admitted::<LIMIT>::from_request(quarter, &admission).now_or_never()
    };
    let four = [(); 4].map(|()| read().unwrap().unwrap());
    assert!(four.iter().all(|read| read.body.len() == LIMIT / 4));
    assert_eq!((admission.room.available_permits(), admission.reserve.available_permits()), (0, 1));
    let in_reserve = read().unwrap().unwrap();
    assert_eq!(admission.reserve.available_permits(), 0);
    assert!(read().is_none(), "it waits for room");
    drop(four);
    assert!(read().unwrap().is_ok());
    drop(in_reserve);
    assert!(is_empty(&admission, 2));
}

#[tokio::test(start_paused = true)]
async fn an_unpacked_body_waits_for_its_room_as_others_do() {
    let admission = Admission::new(LIMIT, 4);
    let others = [900, 900, 900, 900].map(|bytes| admit(&admission, Body::from(vec![b'x'; bytes])));
    let mut read = Vec::new();
    for other in others {
        read.push(other.await.unwrap().unwrap());
    }
    let packed = admit_packed(&admission, &[b'x'; LIMIT]);
    tokio::time::sleep(WAIT / 2).await;
    assert!(!packed.is_finished(), "it waits");
    read.remove(0);
    let packed = packed.await.unwrap().unwrap();
    assert_eq!(packed.body, [b'x'; LIMIT].as_slice());
    let begin = Instant::now();
    let refusal = admit_packed(&admission, &[b'x'; LIMIT]).await.unwrap().unwrap_err();
    assert_eq!((refusal.status, begin.elapsed() >= WAIT), (StatusCode::SERVICE_UNAVAILABLE, true));
    drop((packed, read));
    assert!(is_empty(&admission, 4));
}

#[tokio::test(start_paused = true)]
async fn packed_bodies_that_hold_all_the_room_do_not_block_each_other() {
    let admission = Admission::new(LIMIT, 4);
    let mut random = SmallRng::seed_from_u64(1);
    let bytes: Vec<u8> = (0..LIMIT).map(|_| random.random()).map(|byte: u8| b'a' + byte % 16).collect();
    let all =
        (0..64).map(async |_| admit_packed(&admission, &bytes).await.unwrap().is_ok_and(|read| read.body == bytes));
    assert_eq!(join_all(all).await.into_iter().filter(|read| *read).count(), 64);
    assert!(is_empty(&admission, 4));
}
