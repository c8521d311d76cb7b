//! Each condition of a link, measured by a client of an echo server.

use tokio::net::TcpStream;
use tokio::time::timeout;

use super::*;

/// A link to a server that sends back what it gets, and a connection over it.
async fn link() -> (Link, TcpStream) {
    let echo = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let upstream = echo.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = echo.accept().await {
            tokio::spawn(async move {
                let (mut read, mut write) = stream.split();
                drop(tokio::io::copy(&mut read, &mut write).await);
            });
        }
    });
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let link = Link::new("client-echo", Some("client"), upstream.to_string(), vec![(free, upstream)]);
    assert_eq!(link.address(), Some(upstream));
    assert!(link.open().await.unwrap() && !link.open().await.unwrap());
    assert_eq!((link.address(), link.proxies()), (Some(free), free.to_string()));
    let stream = TcpStream::connect(free).await.unwrap();
    (link, stream)
}

async fn round_trip(stream: &mut TcpStream, bytes: usize) -> io::Result<Duration> {
    let began = std::time::Instant::now();
    let (mut read, mut write) = stream.split();
    let (sent, mut echo) = (vec![7; bytes], vec![0; bytes]);
    tokio::try_join!(write.write_all(&sent), async { read.read_exact(&mut echo).await.map(drop) })?;
    assert_eq!(sent, echo);
    Ok(began.elapsed())
}

#[tokio::test]
async fn latency_and_bandwidth_are_added_in_both_directions() {
    let (link, mut stream) = link().await;
    round_trip(&mut stream, 100_000).await.unwrap();
    link.set(Condition { latency_ms: 60, ..Condition::default() });
    let slow = round_trip(&mut stream, 1).await.unwrap();
    assert!(slow >= Duration::from_millis(120), "{slow:?}");
    link.set(Condition { kib_per_second: 256, ..Condition::default() });
    let narrow = round_trip(&mut stream, 128 * 1024).await.unwrap();
    assert!(narrow >= Duration::from_millis(500), "{narrow:?}");
    link.set(Condition { kib_per_second: 16, ..Condition::default() });
    let small = round_trip(&mut stream, 4 * 1024).await.unwrap();
    assert!(small >= Duration::from_millis(500), "a piece alone takes its time as well: {small:?}");
}

#[tokio::test]
async fn the_end_of_a_fault_is_felt_at_once_by_bytes_under_way() {
    let (link, mut stream) = link().await;
    for slow in [
        Condition { kib_per_second: 1, ..Condition::default() },
        Condition { latency_ms: 20_000, ..Condition::default() },
    ] {
        link.set(slow);
        stream.write_all(&[7; 64 * 1024]).await.unwrap();
        let early = timeout(Duration::from_millis(200), stream.read_u8()).await;
        assert!(early.is_err(), "{early:?}");
        link.set(Condition::default());
        timeout(Duration::from_secs(5), stream.read_exact(&mut [0; 64 * 1024])).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_cut_cable_passes_nothing_closes_nothing_and_loses_nothing() {
    let (link, mut stream) = link().await;
    round_trip(&mut stream, 1).await.unwrap();
    link.set(Condition { cut: true, ..Condition::default() });
    stream.write_all(b"late").await.unwrap();
    let mut echo = [0; 4];
    let early = timeout(Duration::from_millis(300), stream.read(&mut echo)).await;
    assert!(early.is_err(), "{early:?}");
    link.set(Condition::default());
    timeout(Duration::from_secs(5), stream.read_exact(&mut echo)).await.unwrap().unwrap();
    assert_eq!(&echo, b"late");
}

#[tokio::test]
async fn a_reset_ends_open_connections_and_new_ones_until_it_is_over() {
    let (link, mut stream) = link().await;
    round_trip(&mut stream, 1).await.unwrap();
    link.set(Condition { reset: true, ..Condition::default() });
    let mut new = TcpStream::connect(link.ways[0].0).await.unwrap();
    for stream in [&mut stream, &mut new] {
        timeout(Duration::from_secs(5), async { while round_trip(stream, 1).await.is_ok() {} }).await.unwrap();
    }
    link.set(Condition::default());
    let mut new = TcpStream::connect(link.ways[0].0).await.unwrap();
    round_trip(&mut new, 1000).await.unwrap();
}
