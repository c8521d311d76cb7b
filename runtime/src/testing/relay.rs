//! A TCP relay in front of a server, which a test cuts and mends.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// A relay with an address of its own.
#[derive(Debug)]
pub struct Relay {
    address: SocketAddr,
    /// `HOST:PORT` of the server.
    server: String,
    serving: Option<JoinHandle<()>>,
}

impl Relay {
    /// Starts a relay to the server of a URL as of [`super::new_postgres`]; returns the URL with the relay's address.
    pub async fn before_postgres(url: &str) -> (Self, String) {
        let (user, place) = url.split_once('@').unwrap();
        let (server, name) = place.split_once('/').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = Some(tokio::spawn(serve(listener, server.to_owned())));
        (Self { address, server: server.to_owned(), serving }, format!("{user}@{address}/{name}"))
    }

    /// Breaks all connections, and refuses new ones.
    pub async fn cut(&mut self) {
        if let Some(serving) = self.serving.take() {
            serving.abort();
            // It ends as cancelled.
            serving.await.ok();
        }
    }

    /// Takes connections again.
    pub async fn mend(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.serving = Some(tokio::spawn(serve(listener, self.server.clone())));
    }
}

/// Passes on everything until it is aborted; then the connections are dropped with their tasks.
async fn serve(listener: TcpListener, server: String) {
    let mut connections = JoinSet::new();
    while let Ok((mut client, _)) = listener.accept().await {
        let server = server.clone();
        connections.spawn(async move {
            let mut there = TcpStream::connect(server).await?;
            copy_bidirectional(&mut client, &mut there).await
        });
        while connections.try_join_next().is_some() {}
    }
}
