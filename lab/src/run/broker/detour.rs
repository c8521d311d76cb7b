//! Ways to the broker through proxies, for faults.

use std::net::SocketAddr;

use crate::run::free_ports::loopback;

/// The connections to the broker, and the parts that connect.
const CLIENTS: [(&str, &str); 3] =
    [("backend-broker", "backend"), ("consumer-broker", "consumer"), ("mailer-broker", "mailer")];

/// A way to the broker through a proxy that may be started later.
///
/// Kafka clients connect to the address that the broker names. So each client that may come through a proxy has a
/// listener of its own, which names the proxy.
#[derive(Clone, Copy, Debug)]
pub struct Detour {
    /// The name of the connection.
    pub link: &'static str,
    /// The part that may connect this way.
    pub client: &'static str,
    /// The broker's listener.
    pub listener: SocketAddr,
    /// The address of the proxy, which this listener names.
    pub proxy: SocketAddr,
}

impl Detour {
    /// A way for each client to one broker, on these ports of 127.0.0.1.
    pub(super) fn all(ports: [u16; 6]) -> impl Iterator<Item = Self> {
        CLIENTS.into_iter().enumerate().map(move |(index, (link, client))| Self {
            link,
            client,
            listener: loopback(ports[2 * index]),
            proxy: loopback(ports[2 * index + 1]),
        })
    }
}
