//! The bytes of a connection's requests: only the digits of their numbers change, so that the generator has little to do.

use domain::Route;
use domain::api::BATCH;
use serde::{Deserialize, Serialize};

/// The digits of an event's number.
const DIGITS: usize = 9;
/// The data of every event; with it an event takes about 350 bytes.
const DATA: &str =
    r#"{"button":"add to the basket","page":"/products/garden/2417","x":512,"y":384,"width":1440,"height":900}"#;

/// The form of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Shape {
    /// `POST /api/events` with one event.
    Single,
    /// `POST /api/events` with 100 events.
    Batch,
    /// `POST /event`, the original example's contract, with one event, which has no number.
    Seed,
}

impl Shape {
    /// The name in the keys of figures.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Batch => "batch",
            Self::Seed => "seed",
        }
    }

    /// Whether its events have numbers.
    pub(super) const fn is_numbered(self) -> bool {
        !matches!(self, Self::Seed)
    }

    /// How many events a request has.
    pub(super) const fn events(self) -> u64 {
        match self {
            Self::Single | Self::Seed => 1,
            Self::Batch => 100,
        }
    }
}

/// The id of an event of a run, and with the number 0 that of a connection's session.
pub(super) fn id(run: u64, connection: usize, number: u64) -> String {
    let (first, second, third) = (run >> 32, (run >> 16) & 0xffff, run & 0xfff);
    format!("{first:08x}-{second:04x}-7{third:03x}-8000-{connection:03}{number:0DIGITS$}")
}

/// The body of a request whose first event has this number.
fn body(shape: Shape, run: u64, connection: usize, first: u64) -> String {
    let time = runtime::clock::now();
    if shape == Shape::Seed {
        let kind = r#"{"type":"CLICK_STREAM_EVENT","sub_type":"BUTTON_CLICK_EVENT"}"#;
        let (at, ip) = (time.millis(), address(connection));
        return format!(r#"{{"event":{kind},"timestamp":{at},"ip":"{ip}","data":{DATA}}}"#);
    }
    let session = id(run, connection, 0);
    let event = |number: u64| {
        let id = id(run, connection, number);
        format!(
            r#"{{"specversion":"1.0","id":"{id}","source":"/sessions/{session}","type":"ese.click-stream.button-click","time":"{time}","sequence":"{number:0DIGITS$}","data":{DATA}}}"#
        )
    };
    let events: Vec<String> = (first..first + shape.events()).map(event).collect();
    format!("[{}]", events.join(","))
}

/// So many different events, one on each line.
pub(super) fn lines(events: u64) -> String {
    let run = rand::random();
    (1..=events).map(|number| body(Shape::Single, run, 0, number).trim_matches(['[', ']']).to_owned() + "\n").collect()
}

/// The body of one single event: a record of it is sent without any service, too.
pub(super) fn single(run: u64) -> String {
    body(Shape::Single, run, 0, 1)
}

/// The address of a connection's client. It is the key of its events, so that they reach every partition.
fn address(connection: usize) -> String {
    format!("10.0.{}.{}", connection / 250, connection % 250 + 1)
}

/// A request of one connection.
#[derive(Debug)]
pub(super) struct Template {
    bytes: Vec<u8>,
    /// The places of the digits: in the id and in the sequence of each event.
    places: Vec<[usize; 2]>,
}

impl Template {
    /// A request to `host`, over `route` if one is named.
    pub(super) fn new(host: &str, route: Option<Route>, shape: Shape, run: u64, connection: usize) -> Self {
        let body = body(shape, run, connection, 0);
        let query = route.map(|route| format!("?route={}", route.name())).unwrap_or_default();
        let (path, media_type) = match shape {
            Shape::Seed => ("/event", "application/json"),
            Shape::Single | Shape::Batch => ("/api/events", BATCH),
        };
        let head = format!(
            "POST {path}{query} HTTP/1.1\r\nhost: {host}\r\ncontent-type: {media_type}\r\ncontent-length: {}\r\n\
             x-forwarded-for: {}\r\n\r\n",
            body.len(),
            address(connection)
        );
        let after = |mark: &str, skip: usize| {
            let places = body.match_indices(mark).map(move |(place, _)| place + mark.len() + skip);
            places.map(|place| place + head.len()).collect::<Vec<usize>>()
        };
        // In the id, the digits are the last of 36 characters.
        let places = after(r#","id":""#, 36 - DIGITS).into_iter().zip(after(r#","sequence":""#, 0));
        let places = places.map(|(id, sequence)| [id, sequence]).collect();
        Self { bytes: (head + &body).into_bytes(), places }
    }

    /// Writes the numbers of the events, which begin with `first`.
    pub(super) fn number(&mut self, first: u64) {
        for (places, number) in self.places.iter().zip(first..) {
            for &place in places {
                write_digits(&mut self.bytes[place..place + DIGITS], number);
            }
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

fn write_digits(place: &mut [u8], mut number: u64) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use domain::api::seed::SeedEvent;
    use domain::{Event, Source};

    use super::*;

    fn body_of(template: &Template) -> String {
        let text = String::from_utf8(template.bytes().to_vec()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{head}");
        body.to_owned()
    }

    #[test]
    fn every_event_has_the_next_number_of_its_session_and_an_id_of_its_own() {
        let run = 0x1234_5678_9abc_def0;
        let mut template = Template::new("127.0.0.1:1", Some(Route::Kafka), Shape::Batch, run, 63);
        let (mut ids, mut numbers) = (Vec::new(), Vec::new());
        for first in [1, 101] {
            template.number(first);
            for event in serde_json::from_str::<Vec<Event>>(&body_of(&template)).unwrap() {
                event.validate().unwrap();
                assert_eq!(event.source, Source::Session(id(run, 63, 0).parse().unwrap()));
                ids.push(event.id);
                numbers.extend(event.sequence);
            }
        }
        assert_eq!(numbers, (1..=200).collect::<Vec<u64>>());
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 200);
        assert_eq!(ids[199].to_string(), id(run, 63, 200));
    }

    #[test]
    fn a_single_event_takes_about_350_bytes() {
        let bytes = single(7).len();
        assert!((320..=380).contains(&bytes), "{bytes}");
    }

    #[test]
    fn the_contract_of_the_original_example_has_no_numbers() {
        let mut template = Template::new("127.0.0.1:1", None, Shape::Seed, 7, 3);
        let before = body_of(&template);
        template.number(5);
        assert_eq!(body_of(&template), before);
        let event: SeedEvent = serde_json::from_str(&before).unwrap();
        assert_eq!(event.ip, "10.0.0.4");
        assert!(String::from_utf8_lossy(template.bytes()).starts_with("POST /event HTTP/1.1\r\n"));
    }
}
