//! The parsers of outside input, each as a function of bytes that panics where a property does not hold.
//!
//! - [`bodies`]: CloudEvents over HTTP, and the original example's contracts
//! - [`records`]: records in Kafka, with their headers
//! - [`mail_requests`]: mail requests, and the messages made of them
//! - [`mails`]: the inbox's SMTP, and the mails in it
//! - [`settings`]: the settings of use cases; [`reports`]: the reports of trackers; [`scenarios`]: files of scenarios
//! - [`files`]: the write keys, and settings of Kafka; [`patterns`]: the patterns of `--event-types`
//! - [`events`]: the properties of every valid event, wherever it comes from; [`refusal`]: those of every refusal
//! - [`headed`]: inputs with a head and a body
//!
//! `tests/short.rs` tries some thousand inputs for each in CI; the program `fuzz`, with libFuzzer, tries millions.

pub mod bodies;
pub mod events;
pub mod files;
pub mod headed;
pub mod mail_requests;
pub mod mails;
pub mod patterns;
pub mod records;
pub mod refusal;
pub mod reports;
pub mod scenarios;
pub mod settings;

use std::panic::{catch_unwind, resume_unwind};
use std::path::PathBuf;

/// The bytes that a parser may take for any input, however short.
const ROOM: usize = 1 << 20;

/// A parser and its properties.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, and that of its corpus.
    pub name: &'static str,
    /// Panics where a property does not hold.
    properties: fn(&[u8]),
    /// The bytes that it may take at once for each byte of the input.
    most_per_byte: usize,
}

/// All parsers.
pub const TARGETS: [Target; 16] = [
    Target { name: "batch", properties: bodies::batch, most_per_byte: 64 },
    Target { name: "structured", properties: bodies::structured, most_per_byte: 64 },
    Target { name: "binary", properties: bodies::binary, most_per_byte: 64 },
    Target { name: "seed_event", properties: bodies::seed_event, most_per_byte: 64 },
    Target { name: "seed_events", properties: bodies::seed_events, most_per_byte: 64 },
    Target { name: "topics", properties: bodies::topics, most_per_byte: 64 },
    Target { name: "record", properties: records::record, most_per_byte: 64 },
    Target { name: "mail_request", properties: mail_requests::mail_request, most_per_byte: 128 },
    Target { name: "smtp", properties: mails::smtp, most_per_byte: 128 },
    Target { name: "mail", properties: mails::mail, most_per_byte: 128 },
    Target { name: "settings", properties: settings::settings, most_per_byte: 64 },
    Target { name: "report", properties: reports::report, most_per_byte: 64 },
    Target { name: "scenario", properties: scenarios::scenario, most_per_byte: 512 },
    Target { name: "keys_file", properties: files::keys_file, most_per_byte: 64 },
    Target { name: "kafka_properties", properties: files::kafka_properties, most_per_byte: 64 },
    Target { name: "type_pattern", properties: patterns::type_pattern, most_per_byte: 64 },
];

impl Target {
    /// The target with this name.
    pub fn named(name: &str) -> Option<Self> {
        TARGETS.into_iter().find(|target| target.name == name)
    }

    /// The directory of its first inputs.
    pub fn corpus(&self) -> PathBuf {
        [env!("CARGO_MANIFEST_DIR"), "corpus", self.name].iter().collect()
    }

    /// Panics where a property does not hold, or where the parser takes more memory than its input justifies.
    pub fn check(&self, input: &[u8]) {
        let mut checked = Ok(());
        // A panic may not pass through the measurement.
        let memory = allocation_counter::measure(|| checked = catch_unwind(|| (self.properties)(input)));
        if let Err(panic) = checked {
            resume_unwind(panic);
        }
        let (taken, most) = (memory.bytes_max, ROOM + input.len() * self.most_per_byte);
        assert!(taken <= most as u64, "{}: {} bytes of input took {taken} bytes of memory", self.name, input.len());
    }
}
