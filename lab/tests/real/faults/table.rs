//! The faults and their effects, as the sentences of `ese fault list` say them.

/// A fault, and its effect on each route and on the mails.
pub(crate) struct Case {
    pub(crate) kind: &'static str,
    pub(crate) target: &'static str,
    pub(crate) parameters: &'static [(&'static str, u32)],
    /// In the order of `Route::ALL`: http-push, http-poll, kafka.
    pub(crate) effects: [Effect; 3],
    pub(crate) mails: Mails,
}

/// The effect on a route while the fault is active.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// All accepted at once, and all processed.
    None,
    /// All accepted, but not before so many milliseconds, and all processed.
    AcceptedAfter(u64),
    /// All accepted at once, and all processed, but not before so many milliseconds.
    ProcessedAfter(u64),
    /// All accepted at once, none processed.
    Held,
    /// None accepted: 503, not before so many milliseconds.
    Refused(u64),
    /// None accepted, and no answer.
    Silent,
}

/// The effect on the mails of events that are processed while the fault is active.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mails {
    /// They come while the fault is active.
    AtOnce,
    /// They come while the fault is active, but not before so many milliseconds.
    After(u64),
    /// They come when the fault has ended.
    Wait,
    /// They never come.
    Never,
}

use Effect::{AcceptedAfter, Held, None, ProcessedAfter, Refused, Silent};

const fn case(kind: &'static str, target: &'static str, effects: [Effect; 3], mails: Mails) -> Case {
    Case { kind, target, parameters: &[], effects, mails }
}

const fn with(parameters: &'static [(&'static str, u32)], case: Case) -> Case {
    Case { parameters, ..case }
}

const LATENCY: &[(&str, u32)] = &[("latency_ms", 1_000), ("jitter_ms", 0)];
/// The events of one route have more than 10 KiB.
const BANDWIDTH: &[(&str, u32)] = &[("kib_per_second", 4)];
const SLOW_EVENTS: &[(&str, u32)] = &[("event_ms", 500)];
const SLOW_COMMITS: &[(&str, u32)] = &[("commit_ms", 3_000)];
/// The effect of a slow consumer.
const LATE: [Effect; 3] = [AcceptedAfter(2_500), ProcessedAfter(2_500), ProcessedAfter(2_500)];

pub(crate) const PARTS: &[Case] = &[
    case("kill", "backend", [Refused(0); 3], Mails::AtOnce),
    case("kill", "consumer", [Refused(0), Held, Held], Mails::Wait),
    case("stop", "consumer", [Refused(0), Held, Held], Mails::Wait),
    case("kill", "mailer", [None; 3], Mails::Wait),
    case("kill", "inbox", [None; 3], Mails::Wait),
    case("kill", "broker", [None, None, Refused(4_900)], Mails::Wait),
    case("pause", "backend", [Silent; 3], Mails::AtOnce),
    case("pause", "consumer", [Refused(9_900), Held, Held], Mails::Wait),
    case("pause", "mailer", [None; 3], Mails::Wait),
    case("pause", "inbox", [None; 3], Mails::Wait),
    case("pause", "broker", [None, None, Refused(4_900)], Mails::Wait),
    with(SLOW_EVENTS, case("slow-events", "consumer", LATE, Mails::AtOnce)),
    with(SLOW_COMMITS, case("slow-commits", "consumer", LATE, Mails::AtOnce)),
    with(SLOW_COMMITS, case("slow-commits", "backend", [None, AcceptedAfter(2_500), None], Mails::AtOnce)),
    case("mail-later", "inbox", [None; 3], Mails::Wait),
    case("mail-refused", "inbox", [None; 3], Mails::Never),
    with(&[("mail_ms", 3_000)], case("slow-mail", "inbox", [None; 3], Mails::After(3_000))),
];

pub(crate) const CONNECTIONS: &[Case] = &[
    with(LATENCY, case("latency", "senders-backend", [AcceptedAfter(2_000); 3], Mails::AtOnce)),
    with(BANDWIDTH, case("bandwidth", "senders-backend", [AcceptedAfter(2_500); 3], Mails::AtOnce)),
    case("reset", "senders-backend", [Refused(0); 3], Mails::AtOnce),
    case("cut", "senders-backend", [Silent; 3], Mails::AtOnce),
    with(LATENCY, case("latency", "backend-consumer", [AcceptedAfter(2_000), None, None], Mails::AtOnce)),
    with(BANDWIDTH, case("bandwidth", "backend-consumer", [AcceptedAfter(2_500), None, None], Mails::AtOnce)),
    case("reset", "backend-consumer", [Refused(0), None, None], Mails::AtOnce),
    case("cut", "backend-consumer", [Refused(9_900), None, None], Mails::AtOnce),
    with(LATENCY, case("latency", "consumer-backend", [None, ProcessedAfter(1_000), None], Mails::AtOnce)),
    with(BANDWIDTH, case("bandwidth", "consumer-backend", [None, ProcessedAfter(2_500), None], Mails::AtOnce)),
    case("reset", "consumer-backend", [None, Held, None], Mails::AtOnce),
    case("cut", "consumer-backend", [None, Held, None], Mails::AtOnce),
    with(LATENCY, case("latency", "backend-broker", [None, None, AcceptedAfter(2_000)], Mails::AtOnce)),
    with(BANDWIDTH, case("bandwidth", "backend-broker", [None, None, AcceptedAfter(2_500)], Mails::AtOnce)),
    case("reset", "backend-broker", [None, None, Refused(4_900)], Mails::AtOnce),
    case("cut", "backend-broker", [None, None, Refused(4_900)], Mails::AtOnce),
    with(LATENCY, case("latency", "consumer-broker", [None, None, ProcessedAfter(1_000)], Mails::After(1_000))),
    with(BANDWIDTH, case("bandwidth", "consumer-broker", [None, None, ProcessedAfter(2_500)], Mails::AtOnce)),
    case("reset", "consumer-broker", [None, None, Held], Mails::Wait),
    case("cut", "consumer-broker", [None, None, Held], Mails::Wait),
    with(LATENCY, case("latency", "mailer-broker", [None; 3], Mails::After(1_000))),
    with(BANDWIDTH, case("bandwidth", "mailer-broker", [None; 3], Mails::AtOnce)),
    case("reset", "mailer-broker", [None; 3], Mails::Wait),
    case("cut", "mailer-broker", [None; 3], Mails::Wait),
    with(&[("latency_ms", 300), ("jitter_ms", 0)], case("latency", "mailer-inbox", [None; 3], Mails::After(3_000))),
    with(BANDWIDTH, case("bandwidth", "mailer-inbox", [None; 3], Mails::AtOnce)),
    case("reset", "mailer-inbox", [None; 3], Mails::Wait),
    case("cut", "mailer-inbox", [None; 3], Mails::Wait),
];
