//! A broker's certificate in words, for the log: librdkafka's own error does not name what is wrong with it.

use std::cmp::Ordering;
use std::net::{IpAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use openssl::asn1::Asn1Time;
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::ssl::{SslConnector, SslMethod, SslVerifyMode};
use openssl::x509::{X509NameRef, X509Ref};

/// How long the broker may take for each answer.
const TIMEOUT: Duration = Duration::from_secs(3);

/// More is cut off.
const MOST_CHARS: usize = 400;

/// The certificate of the broker that an error of librdkafka names, as a sentence about the likely reason.
///
/// The connection only looks at the certificate; nothing is sent over it. It blocks.
pub(super) fn explain(reason: &str) -> Option<String> {
    if !reason.contains("certificate verify failed") {
        return None;
    }
    let (host, port) = broker(reason)?;
    let address = (host, port).to_socket_addrs().ok()?.next()?;
    let stream = TcpStream::connect_timeout(&address, TIMEOUT).ok()?;
    stream.set_read_timeout(Some(TIMEOUT)).and_then(|()| stream.set_write_timeout(Some(TIMEOUT))).ok()?;
    let mut connector = SslConnector::builder(SslMethod::tls_client()).ok()?;
    connector.set_verify(SslVerifyMode::NONE);
    let connection = connector.build().configure().ok()?.verify_hostname(false).connect(host, stream).ok()?;
    let words = words(&*connection.ssl().peer_certificate()?).ok()?;
    // A stranger may have written the names.
    Some(words.chars().filter(|c| !c.is_control()).take(MOST_CHARS).collect())
}

/// Host and port in an error such as `sasl_ssl://kafka-1.example:9093/1: SSL handshake failed: …`.
fn broker(reason: &str) -> Option<(&str, u16)> {
    let (_, rest) = reason.split_once("://")?;
    let (host, port) = rest.split_once('/')?.0.rsplit_once(':')?;
    Some((host.trim_start_matches('[').trim_end_matches(']'), port.parse().ok()?))
}

fn words(certificate: &X509Ref) -> Result<String, ErrorStack> {
    let (from, until) = (certificate.not_before(), certificate.not_after());
    let now = Asn1Time::days_from_now(0)?;
    if until.compare(&now)? == Ordering::Less {
        return Ok(format!("the broker's certificate has expired: it was valid until {until}"));
    }
    if from.compare(&now)? == Ordering::Greater {
        return Ok(format!("the broker's certificate is not valid yet: it is from {from} on"));
    }
    let alternatives = certificate.subject_alt_names();
    let names: Vec<String> = alternatives
        .iter()
        .flatten()
        .filter_map(|name| name.dnsname().map(str::to_owned).or_else(|| Some(ip(name.ipaddress()?)?.to_string())))
        .collect();
    let names = if names.is_empty() { common_name(certificate.subject_name()) } else { names.join(", ") };
    Ok(format!(
        "the broker's certificate is for {names}, valid until {until}, and of the CA {}",
        common_name(certificate.issuer_name())
    ))
}

fn common_name(name: &X509NameRef) -> String {
    let name = name.entries_by_nid(Nid::COMMONNAME).next().and_then(|entry| entry.data().to_string().ok());
    name.unwrap_or_else(|| "without a name".to_owned())
}

fn ip(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_the_broker() {
        let error = |name| format!("sasl_ssl://{name}/bootstrap: SSL handshake failed: certificate verify failed");
        assert_eq!(broker(&error("kafka-1.example:9093")), Some(("kafka-1.example", 9093)));
        assert_eq!(broker(&error("[2001:db8::7]:9093")), Some(("2001:db8::7", 9093)));
        assert_eq!(broker("SSL handshake failed"), None);
        assert_eq!(explain("sasl_ssl://127.0.0.1:1/1: SSL handshake failed: unexpected message"), None);
    }
}
