//! The attributes of an event as texts: HTTP headers in CloudEvents' binary mode, and headers of a record.

use std::borrow::Cow;
use std::fmt::{Display, Write};
use std::str::FromStr;

use crate::Event;
use crate::event::{Data, SpecVersion, number};

/// The attributes of one event, as they came.
#[derive(Debug, Default)]
pub struct Attributes<'a> {
    given: bool,
    specversion: Option<Cow<'a, str>>,
    id: Option<Cow<'a, str>>,
    source: Option<Cow<'a, str>>,
    kind: Option<Cow<'a, str>>,
    time: Option<Cow<'a, str>>,
    sequence: Option<Cow<'a, str>>,
    partitionkey: Option<Cow<'a, str>>,
    traceparent: Option<Cow<'a, str>>,
    receivedtime: Option<Cow<'a, str>>,
}

/// Why the attributes do not make an event.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAttribute {
    /// Every event has it.
    #[error("the attribute `{0}` is missing")]
    Missing(&'static str),
    /// Its text has another form.
    #[error("the attribute `{name}` cannot be read: {reason}")]
    Malformed {
        /// Its name.
        name: &'static str,
        /// The reason.
        reason: String,
    },
}

impl<'a> Attributes<'a> {
    /// Takes the attribute `name`, without a prefix; an extension that is unknown here is ignored.
    pub fn set(&mut self, name: &str, text: impl Into<Cow<'a, str>>) {
        self.given = true;
        let attribute = match name {
            "specversion" => &mut self.specversion,
            "id" => &mut self.id,
            "source" => &mut self.source,
            "type" => &mut self.kind,
            "time" => &mut self.time,
            "sequence" => &mut self.sequence,
            "partitionkey" => &mut self.partitionkey,
            "traceparent" => &mut self.traceparent,
            "receivedtime" => &mut self.receivedtime,
            _ => return,
        };
        *attribute = Some(text.into());
    }

    /// Whether none was given, not even one that is unknown here.
    pub const fn is_empty(&self) -> bool {
        !self.given
    }

    /// The id as it was given.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The event with these attributes; its content is not validated.
    pub fn event(self, data: Data) -> Result<Event, BadAttribute> {
        if self.specversion.is_some_and(|version| version != "1.0") {
            return Err(malformed("specversion", &"only version 1.0 is known"));
        }
        let sequence = |text: Cow<'_, str>| {
            let reason = "it is not a whole number written in digits, such as 17";
            number(&text).ok_or_else(|| malformed("sequence", &reason))
        };
        Ok(Event {
            specversion: SpecVersion::V1,
            id: required("id", self.id)?,
            source: required("source", self.source)?,
            kind: required("type", self.kind)?,
            time: required("time", self.time)?,
            sequence: self.sequence.map(sequence).transpose()?,
            partitionkey: self.partitionkey.map(Cow::into_owned).unwrap_or_default(),
            traceparent: self.traceparent.map(Cow::into_owned),
            receivedtime: self.receivedtime.map(|text| read("receivedtime", &text)).transpose()?,
            data,
        })
    }
}

fn required<T: FromStr<Err: Display>>(name: &'static str, text: Option<Cow<'_, str>>) -> Result<T, BadAttribute> {
    read(name, &text.ok_or(BadAttribute::Missing(name))?)
}

fn read<T: FromStr<Err: Display>>(name: &'static str, text: &str) -> Result<T, BadAttribute> {
    text.parse::<T>().map_err(|error| malformed(name, &error))
}

fn malformed(name: &'static str, reason: &dyn Display) -> BadAttribute {
    BadAttribute::Malformed { name, reason: reason.to_string() }
}

/// Calls `with` for each attribute of an event, with its name as a header of a record.
pub fn each_attribute(event: &Event, mut with: impl FnMut(&'static str, &str)) {
    let mut text = String::with_capacity(64);
    let mut put = |name, attribute: &dyn Display| {
        text.clear();
        // Writing into a string never fails.
        let _ = write!(text, "{attribute}");
        with(name, &text);
    };
    put("ce_specversion", &"1.0");
    put("ce_id", &event.id);
    put("ce_source", &event.source);
    put("ce_type", &event.kind);
    put("ce_time", &event.time);
    if let Some(sequence) = event.sequence {
        put("ce_sequence", &sequence);
    }
    if !event.partitionkey.is_empty() {
        put("ce_partitionkey", &event.partitionkey);
    }
    if let Some(traceparent) = &event.traceparent {
        put("ce_traceparent", traceparent);
    }
    if let Some(received) = event.receivedtime {
        put("ce_receivedtime", &received);
    }
}
