//! Bodies of all speeds compete for room, in time that a test lets pass.

use std::convert::Infallible;

use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use tokio::task::JoinHandle;

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

fn is_empty(admission: &Admission, bytes: usize) -> bool {
    admission.room.available_permits() == bytes && admission.readers().is_empty()
}

const MS: Duration = Duration::from_millis(1);

#[tokio::test(start_paused = true)]
async fn the_slowest_gives_way_and_a_fast_large_body_does_not() {
    let admission = Admission::new(1000);
    let fast = admit(&admission, body(9, 100, 50 * MS, true));
    let stalled = admit(&admission, body(1, 400, MS, false));
    let read = fast.await.unwrap().unwrap();
    assert_eq!(read.body.len(), 900);
    let refusal = stalled.await.unwrap().unwrap_err();
    assert_eq!((refusal.status, refusal.retry_after), (StatusCode::SERVICE_UNAVAILABLE, Some(WAIT)));
    assert_eq!(admission.room.available_permits(), 100, "a body that is read keeps its room");
    drop(read);
    assert!(is_empty(&admission, 1000));
}

#[tokio::test(start_paused = true)]
async fn a_slow_body_keeps_its_room_while_nobody_needs_it() {
    let admission = Admission::new(1000);
    let slow = admit(&admission, body(9, 1, 1000 * MS, true));
    let other = admit(&admission, body(9, 100, 50 * MS, true));
    assert_eq!(other.await.unwrap().unwrap().body.len(), 900);
    assert_eq!(slow.await.unwrap().unwrap().body.len(), 9);
}

#[tokio::test(start_paused = true)]
async fn half_read_bodies_that_hold_all_the_room_do_not_block_each_other() {
    let (admission, begin) = (Admission::new(4000), Instant::now());
    let bodies = join_all((0..64).map(|_| admit(&admission, body(10, 100, 20 * MS, true)))).await;
    let read = bodies.iter().filter(|body| body.as_ref().unwrap().is_ok()).count();
    assert!(read >= 3, "{read} of the four that have room were read");
    assert!(begin.elapsed() < Duration::from_secs(3), "{:?}", begin.elapsed());
    drop(bodies);
    assert!(is_empty(&admission, 4000));
}

#[tokio::test(start_paused = true)]
async fn where_bodies_that_were_read_hold_the_room_the_others_are_told_to_come_back() {
    let admission = Admission::new(1000);
    let read = admit(&admission, body(1, 1000, MS, true)).await.unwrap().unwrap();
    let begin = Instant::now();
    let refusal = admit(&admission, body(1, 10, MS, true)).await.unwrap().unwrap_err();
    assert_eq!((refusal.status, refusal.retry_after), (StatusCode::SERVICE_UNAVAILABLE, Some(WAIT)));
    assert!((WAIT..2 * WAIT).contains(&begin.elapsed()), "{:?}", begin.elapsed());
    drop(read);
    assert_eq!(admit(&admission, Body::empty()).await.unwrap().unwrap().body.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn large_and_late_bodies_are_refused() {
    let admission = Admission::new(4000);
    for large in [Body::from(vec![b'x'; LIMIT + 1]), body(11, 100, MS, true)] {
        let refusal = admit(&admission, large).await.unwrap().unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "413 Payload Too Large: The body is larger than 1000 bytes; send less at once."
        );
    }
    let late = admit(&admission, body(1, 1, MS, false)).await.unwrap().unwrap_err();
    assert_eq!(late.status, StatusCode::REQUEST_TIMEOUT);
    assert!(is_empty(&admission, 4000));
}

#[tokio::test(start_paused = true)]
async fn all_room_comes_back_whatever_happens() {
    for seed in 0..100 {
        let (admission, mut random) = (Admission::new(3000), SmallRng::seed_from_u64(seed));
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
        assert!(all.is_ok() && is_empty(&admission, 3000), "seed {seed}");
    }
}
