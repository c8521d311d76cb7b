//! Reads the answers to requests: a small parser of HTTP/1.1, for answers that name their length.

use std::time::Duration;

use anyhow::{Context, bail, ensure};

/// The longest head of an answer.
const LONGEST_HEAD: usize = 16 << 10;
/// The wait before events are sent again, where the answer names none.
const AGAIN: Duration = Duration::from_millis(100);

/// The head of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    status: u16,
    /// The place of the body.
    pub(super) body: usize,
    /// The place after the body.
    pub(super) end: usize,
    retry_after: Option<Duration>,
}

/// The decision on the events of a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// All are accepted.
    Accepted,
    /// Not all are: send them again after this time.
    Refused(Duration),
}

impl Head {
    /// The head at the beginning of these bytes; none if it is not complete yet.
    pub(super) fn parse(bytes: &[u8]) -> anyhow::Result<Option<Self>> {
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            ensure!(bytes.len() < LONGEST_HEAD, "the head of an answer has no end");
            return Ok(None);
        };
        let text = str::from_utf8(&bytes[..end]).context("the head of an answer is no text")?;
        let mut lines = text.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse::<u16>().ok());
        let (mut length, mut retry_after) = (None, None);
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse::<usize>().ok();
            } else if name.eq_ignore_ascii_case("retry-after") {
                retry_after = value.trim().parse().ok().map(Duration::from_secs);
            }
        }
        let status = status.context("an answer has no status")?;
        let length = length.with_context(|| format!("an answer with the status {status} does not name its length"))?;
        Ok(Some(Self { status, body: end + 4, end: end + 4 + length, retry_after }))
    }

    /// The decision on `events` events. One that is rejected for good is an error: the generator sends only valid events.
    pub(super) fn decide(&self, body: &[u8], events: Option<u64>) -> anyhow::Result<Decision> {
        let refused = || Decision::Refused(self.retry_after.unwrap_or(AGAIN));
        match self.status {
            200..=299 => {
                // An answer without outcomes, as the original example's, is about all events.
                let Some(events) = events else { return Ok(Decision::Accepted) };
                let accepted = count(body, b"\"accepted\"");
                if accepted == events || accepted + count(body, b"\"duplicate\"") == events {
                    return Ok(Decision::Accepted);
                }
                ensure!(count(body, b"\"rejected\"") == 0, "an event was rejected: {}", beginning(body));
                Ok(refused())
            }
            429 | 503 => Ok(refused()),
            status => bail!("an answer has the status {status}: {}", beginning(body)),
        }
    }
}

fn count(body: &[u8], word: &[u8]) -> u64 {
    body.windows(word.len()).filter(|window| *window == word).count() as u64
}

fn beginning(body: &[u8]) -> String {
    String::from_utf8_lossy(body).chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_once_its_head_is_complete() {
        let text = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\nContent-Length: 5\r\n\r\nbusy!";
        assert_eq!(Head::parse(&text[..40]).unwrap(), None);
        let head = Head::parse(text).unwrap().unwrap();
        assert_eq!((head.status, &text[head.body..head.end]), (503, b"busy!".as_slice()));
        assert_eq!(head.decide(b"busy!", Some(1)).unwrap(), Decision::Refused(Duration::from_secs(2)));
        for bad in ["HTTP/1.1 200 OK\r\n\r\n", "nonsense\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"] {
            Head::parse(bad.as_bytes()).unwrap_err();
        }
        Head::parse(&[b'x'; LONGEST_HEAD]).unwrap_err();
    }

    #[test]
    fn a_request_is_accepted_when_each_of_its_events_is() {
        let head = |status| Head { status, body: 0, end: 0, retry_after: None };
        let body = |outcomes: &[&str]| {
            let each = outcomes.iter().map(|outcome| format!(r#"{{"routes":{{"kafka":{{"outcome":"{outcome}"}}}}}}"#));
            each.collect::<String>().into_bytes()
        };
        let decide = |outcomes: &[&str]| head(200).decide(&body(outcomes), Some(2));
        assert_eq!(decide(&["accepted", "accepted"]).unwrap(), Decision::Accepted);
        assert_eq!(decide(&["duplicate", "accepted"]).unwrap(), Decision::Accepted);
        assert_eq!(decide(&["accepted", "retry"]).unwrap(), Decision::Refused(AGAIN));
        assert_eq!(decide(&["accepted"]).unwrap(), Decision::Refused(AGAIN));
        assert!(decide(&["accepted", "rejected"]).unwrap_err().to_string().starts_with("an event was rejected: {"));
        assert_eq!(head(201).decide(b"{}", None).unwrap(), Decision::Accepted);
        let error = head(415).decide(b"Send CloudEvents", Some(1)).unwrap_err().to_string();
        assert_eq!(error, "an answer has the status 415: Send CloudEvents");
    }
}
