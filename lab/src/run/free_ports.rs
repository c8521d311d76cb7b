//! Ports on 127.0.0.1: the one of the front door, and free ones for the parts.

use std::collections::BTreeSet;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener};
use std::sync::{Mutex, PoisonError};

use anyhow::anyhow;
use tokio::net::TcpListener;

/// Linux picks no port below this on its own (`ip_local_port_range` begins at 32768 by default).
const FIRST_EPHEMERAL: u16 = 32_768;
/// Few services use a port above this.
const FIRST: u16 = 20_000;

/// The address of a port on 127.0.0.1.
pub fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

fn taken(port: u16, why: &io::Error) -> anyhow::Error {
    match why.kind() {
        io::ErrorKind::AddrInUse => anyhow!(
            "port {port} on 127.0.0.1 is taken: stop the program that has it, or give another with --port or --broker-port"
        ),
        _ => anyhow!("port {port} on 127.0.0.1 cannot be used ({why}): give another with --port or --broker-port"),
    }
}

/// Listens on `port`, or on a free one if it is 0.
pub async fn listen(port: u16) -> anyhow::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|error| taken(port, &error))
}

/// Whether `port` could be listened on just now.
pub fn check(port: u16) -> anyhow::Result<()> {
    StdListener::bind((Ipv4Addr::LOCALHOST, port)).map(drop).map_err(|error| taken(port, &error))
}

/// The ports that this process has picked. A part listens later, or not before a fault needs it.
static PICKED: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());

/// `N` different free ports that stay free while a part is down; no two calls return the same port.
///
/// They lie below the range from which the system takes the local ports of outgoing connections: a port of that range
/// could be taken before a killed part is restarted.
pub fn pick<const N: usize>() -> anyhow::Result<[u16; N]> {
    let mut picked = PICKED.lock().unwrap_or_else(PoisonError::into_inner);
    let mut held = Vec::with_capacity(N);
    for _ in 0..1000 {
        let port = rand::random_range(FIRST..FIRST_EPHEMERAL);
        if !picked.contains(&port) && StdListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            picked.insert(port);
            held.push(port);
        }
        if held.len() == N {
            return Ok(std::array::from_fn(|index| held[index]));
        }
    }
    anyhow::bail!("there are no free ports on 127.0.0.1: end other programs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picked_ports_are_free_and_never_picked_again() {
        let mut all = BTreeSet::new();
        for _ in 0..100 {
            let ports: [u16; 8] = pick().unwrap();
            for port in ports {
                check(port).unwrap();
                assert!(all.insert(port), "{port} was picked twice");
            }
        }
    }
}
