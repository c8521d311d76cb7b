//! Whether a service may listen where other machines reach it.

use std::net::SocketAddr;

/// Refuses to listen beyond loopback without one of the secrets, given by their flags, unless it is told to be `open`; then
/// it returns a warning.
pub fn check(listen: SocketAddr, open: bool, secrets: &[(&'static str, bool)]) -> Result<Option<String>, String> {
    let missing: Vec<&str> = secrets.iter().filter(|(_, given)| !given).map(|(flag, _)| *flag).collect();
    if listen.ip().to_canonical().is_loopback() || missing.is_empty() {
        return Ok(None);
    }
    let missing = missing.join(" and ");
    if open {
        return Ok(Some(format!("every client that reaches {listen} may do what {missing} would restrict (--open)")));
    }
    Err(format!("other machines can reach {listen}: give {missing}, or --open where the network lets nobody else in"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_loopback_a_service_needs_its_secrets_or_to_be_told() {
        let check = |listen: &str, open, keys, admin| {
            check(listen.parse().unwrap(), open, &[("--keys-file", keys), ("--admin-token-file", admin)])
        };
        for local in ["127.0.0.1:80", "127.9.9.9:80", "[::1]:80", "[::ffff:127.0.0.1]:80"] {
            assert_eq!(check(local, false, false, false), Ok(None), "{local}");
        }
        for beyond in ["0.0.0.0:80", "10.0.0.5:80", "[::]:80"] {
            assert_eq!(check(beyond, false, true, true), Ok(None));
            assert!(check(beyond, true, false, false).unwrap().unwrap().contains("--keys-file and --admin-token-file"));
            let error = check(beyond, false, true, false).unwrap_err();
            assert!(error.contains(beyond) && error.contains("give --admin-token-file, or --open"), "{error}");
        }
    }
}
