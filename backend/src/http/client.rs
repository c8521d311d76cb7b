//! The address of the client: the connection's peer, or the address from a trusted proxy.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;

/// The client's IP. A proxy appends the address that it saw, so only the last entry of X-Forwarded-For is trusted.
pub(super) fn ip(peer: SocketAddr, headers: &HeaderMap, trust_forwarded: bool) -> IpAddr {
    let forwarded = || headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok();
    let named = trust_forwarded.then(forwarded).flatten();
    let named = named.and_then(|value| value.rsplit(',').next()?.trim().parse().ok());
    named.unwrap_or(peer.ip()).to_canonical()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_trusted_proxys_address_counts() {
        let peer = SocketAddr::from(([127, 0, 0, 1], 5));
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", "6.6.6.6, 10.0.0.9".parse().unwrap());
        assert_eq!(ip(peer, &headers, false).to_string(), "127.0.0.1");
        assert_eq!(ip(peer, &headers, true).to_string(), "10.0.0.9");
        headers.insert("x-forwarded-for", "nonsense".parse().unwrap());
        assert_eq!(ip(peer, &headers, true).to_string(), "127.0.0.1");
    }
}
