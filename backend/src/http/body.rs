//! Parses the events of a request: CloudEvents over HTTP as a batch, structured or binary.

use std::borrow::Cow;
use std::str::Utf8Error;

use axum::http::{HeaderMap, StatusCode, header};
use domain::Event;
use domain::api::{BATCH, MAX_BATCH_EVENTS, STRUCTURED};
use domain::kafka_record::Attributes;
use percent_encoding::percent_decode;
use runtime::problem::{Refusal, short};
use serde::Deserialize;
use serde_json::value::RawValue;

/// One event of the request, or the reason why it is invalid.
pub struct Item {
    /// The given id, if there is one.
    pub id: Option<String>,
    /// The event, valid, or a reason.
    pub event: Result<Event, String>,
}

/// Parses the events of a body, by its content type.
pub fn items(headers: &HeaderMap, body: &[u8]) -> Result<Vec<Item>, Refusal> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match media_type.as_str() {
        BATCH => batch(text(body)?),
        STRUCTURED => Ok(vec![structured(text(body)?)?]),
        "application/json" if headers.contains_key("ce-specversion") => Ok(vec![binary(headers, text(body)?)?]),
        _ => Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            format!(
                "Send CloudEvents as {BATCH}, as {STRUCTURED}, or as application/json with ce-* headers; this request has `{}`.",
                media_type.chars().take(60).collect::<String>()
            ),
        )),
    }
}

/// JSON is UTF-8. serde_json alone would not see other bytes in a field that an event ignores.
fn text(body: &[u8]) -> Result<&str, Refusal> {
    str::from_utf8(body).map_err(|error| Refusal::bad_request(format!("The body is not UTF-8: {error}.")))
}

fn batch(body: &str) -> Result<Vec<Item>, Refusal> {
    // Most batches have no malformed event, and one reading is enough.
    match serde_json::from_str::<Vec<Event>>(body) {
        Ok(events) if (1..=MAX_BATCH_EVENTS).contains(&events.len()) => Ok(events.into_iter().map(read).collect()),
        _ => one_by_one(body),
    }
}

fn one_by_one(body: &str) -> Result<Vec<Item>, Refusal> {
    let raw: Vec<&RawValue> = serde_json::from_str(body)
        .map_err(|error| Refusal::bad_request(format!("The body is not a JSON array of events: {}.", short(&error))))?;
    match raw.len() {
        0 => Err(Refusal::bad_request("The batch is empty; send at least one event.")),
        1..=MAX_BATCH_EVENTS => Ok(raw.into_iter().map(|raw| item(raw.get())).collect()),
        count => Err(Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("The batch has {count} events; at most {MAX_BATCH_EVENTS} are taken at once."),
        )),
    }
}

fn structured(body: &str) -> Result<Item, Refusal> {
    if let Ok(event) = serde_json::from_str(body) {
        return Ok(read(event));
    }
    let raw: &RawValue = serde_json::from_str(body)
        .map_err(|error| Refusal::bad_request(format!("The body is not a JSON object: {}.", short(&error))))?;
    Ok(item(raw.get()))
}

fn binary(headers: &HeaderMap, body: &str) -> Result<Item, Refusal> {
    let data = serde_json::from_str(body).map_err(|error| {
        Refusal::bad_request(format!("The body, which is the event's data, is not JSON: {}.", short(&error)))
    })?;
    let mut attributes = Attributes::default();
    for (name, value) in headers {
        if let Some(name) = name.as_str().strip_prefix("ce-") {
            match attribute(value.as_bytes()) {
                Ok(value) => attributes.set(name, value),
                Err(error) => {
                    return Err(Refusal::bad_request(format!(
                        "The header `ce-{}` is not UTF-8: {error}.",
                        short(&name)
                    )));
                }
            }
        }
    }
    let id = attributes.id().map(start);
    let event = attributes.event(data).map_err(|error| short(&error));
    Ok(Item { id, event: event.and_then(valid) })
}

/// The value of an attribute in a header: quotes and percent-encoding are undone (CloudEvents' HTTP binding, 3.1.3.2).
fn attribute(value: &[u8]) -> Result<Cow<'_, str>, Utf8Error> {
    let quoted = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\""));
    let Some(quoted) = quoted else { return percent_decode(value).decode_utf8() };
    let mut escaped = false;
    let is_content = |byte: &u8| {
        escaped = *byte == b'\\' && !escaped;
        !escaped
    };
    let plain: Vec<u8> = quoted.iter().copied().filter(is_content).collect();
    percent_decode(&plain).decode_utf8().map(|text| text.into_owned().into())
}

fn item(json: &str) -> Item {
    /// Only the id, for the answer about an invalid event.
    #[derive(Deserialize)]
    struct Id {
        id: Option<String>,
    }
    match serde_json::from_str::<Event>(json) {
        Ok(event) => read(event),
        Err(error) => {
            let id = serde_json::from_str::<Id>(json).ok().and_then(|event| event.id);
            Item { id: id.as_deref().map(start), event: Err(short(&error)) }
        }
    }
}

fn read(event: Event) -> Item {
    Item { id: Some(event.id.to_string()), event: valid(event) }
}

/// The beginning of an id, which may be longer than any UUID.
fn start(id: &str) -> String {
    id.chars().take(100).collect()
}

fn valid(event: Event) -> Result<Event, String> {
    event.validate().map(|()| event).map_err(|error| short(&error))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn other_bytes_than_utf_8_are_refused_even_in_a_field_that_an_event_ignores() {
        let event = br##"{"id":"0192f0c1-2345-7abc-8def-0123456789ab","source":"/sessions/0192f0c1-0000-7000-8000-000000000001",
            "type":"ese.order.created","time":"2026-01-31T12:00:00Z","sequence":"3","colour":"#"}"##;
        let not_utf_8 = event.map(|byte| if byte == b'#' { 0xff } else { byte });
        for (media_type, before, after) in [(BATCH, "[", "]"), (STRUCTURED, "", "")] {
            let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(media_type))]);
            let read = |event: &[u8]| items(&headers, &[before.as_bytes(), event, after.as_bytes()].concat());
            assert!(read(event).is_ok_and(|items| items[0].event.is_ok()));
            let refusal = read(&not_utf_8).err().map(|refusal| refusal.detail).unwrap_or_default();
            assert!(refusal.starts_with("The body is not UTF-8: invalid utf-8"), "{refusal}");
        }
    }

    #[test]
    fn a_header_in_binary_mode_is_percent_decoded_once() {
        let read = |id: &[u8]| {
            let headers = [
                ("ce-specversion", &b"1.0"[..]),
                ("ce-id", id),
                ("ce-source", b"/sessions/0192f0c1%2D0000-7000-8000-000000000001"),
                ("ce-type", b"ese.order%2ecreated"),
                ("ce-time", b"\"2026-01-31T12:00:00Z\""),
                ("ce-sequence", b"%37"),
                ("content-type", b"application/json"),
            ];
            let headers = headers.map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_bytes(value).unwrap()));
            items(&HeaderMap::from_iter(headers), b"{}").map_err(|refusal| refusal.detail)
        };
        let event = read(b"0192f0c1-2345-7abc-8def-0123456789a%62").unwrap().remove(0).event.unwrap();
        assert_eq!((event.kind.name(), event.sequence), ("ese.order.created", Some(7)));
        for (given, id) in [
            (&b"/caf%C3%A9%20%22Zur%20Post%22"[..], "/caf\u{e9} \"Zur Post\""),
            (b"/100%2525", "/100%25"),
            (br#""/a \"b\" \\ c%20d""#, r#"/a "b" \ c d"#),
            (b"/100%", "/100%"),
            (b"\"", "\""),
        ] {
            assert_eq!(read(given).unwrap()[0].id.as_deref(), Some(id));
        }
        for given in [&b"/caf%E9"[..], b"/caf\xe9", b"\"%C3\""] {
            let reason = read(given).err().unwrap_or_default();
            assert!(reason.starts_with("The header `ce-id` is not UTF-8: in"), "{reason}");
        }
    }
}
