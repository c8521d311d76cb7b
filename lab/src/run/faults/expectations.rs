//! The expectation for each route: what a fault of a part or a connection does to events and mails.

use domain::Route;
use domain::api::faults::FaultDescription;

use super::button_labels::button_labels;
use super::kinds::Kind;

/// The parts of a stack, as far as the expectations depend on them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Setting {
    /// There is a broker.
    pub broker: bool,
    /// The consumer and the mailer have their databases on the stack's PostgreSQL.
    pub consumer_on_postgres: bool,
    /// So has http-poll's store.
    pub store_on_postgres: bool,
    /// There is more than one consumer.
    pub several_consumers: bool,
}

/// The expectation in the order of [`Route::ALL`]: http-push, http-poll, kafka.
type Expected = [&'static str; 3];

const NO_BROKER: &str = "There is no broker: all events are refused with 503, with and without this fault.";
const NO_EFFECT: &str = "No effect.";
const REFUSED: &str = "Events are refused with 503; the sender keeps them and tries again.";
const REFUSED_AFTER_5_S: &str = "Events are refused with 503 after 5 s; the sender keeps them and tries again.";
const REFUSED_AFTER_10_S: &str = "Events are refused with 503 after 10 s; the sender keeps them and tries again.";
const NO_ANSWER: &str = "Requests get no answer; the sender keeps the events and tries again.";
const STORE_KEEPS: &str = "Events are accepted and wait in the store until it expires them.";
const LOG_KEEPS: &str = "Events are accepted and wait in the log.";
const PROCESSED_LATER: &str = "Events are accepted as quickly as before and processed later.";
const OTHERS_POLL: &str = "The other consumers poll on.";
const KEPT_PARTITIONS: &str =
    "The group keeps its partitions for it for 6 s; then the others get them. Until then their events wait in the log.";
const MAILS_LATER: &str = "Events are processed as before; their mails are sent later, each once.";
const MAILS_WAIT: &str = "Events are processed; their mails wait until the end of the fault and are sent once.";
const MAILS_AGAIN: &str =
    "Events are processed; their mails wait. A mail whose answer was lost is sent again, under the same Message-ID.";
const NO_MAILS: &str = "Events are processed; their mails fail for good.";

/// The expectation for this fault on this part or connection of a stack with a broker.
fn expected(kind: Kind, target: &str, setting: Setting) -> Expected {
    use Kind::{
        Bandwidth, Cut, Kill, Latency, MailLater, MailRefused, Pause, Reset, SlowCommits, SlowEvents, SlowMail, Stop,
    };
    match (kind, target) {
        (Kill, "backend") => [REFUSED; 3],
        (Pause, "backend") => [NO_ANSWER; 3],
        (Kill | Stop, "consumer") if setting.several_consumers => [REFUSED, OTHERS_POLL, KEPT_PARTITIONS],
        (Pause, "consumer") if setting.several_consumers => [REFUSED_AFTER_10_S, OTHERS_POLL, KEPT_PARTITIONS],
        (Kill | Stop, "consumer") => [REFUSED, STORE_KEEPS, LOG_KEEPS],
        (Pause, "consumer") => [REFUSED_AFTER_10_S, STORE_KEEPS, LOG_KEEPS],
        (Kill | Pause, "mailer" | "inbox") => [MAILS_AGAIN; 3],
        (Kill | Pause, "broker") => [MAILS_WAIT, MAILS_WAIT, REFUSED_AFTER_5_S],
        (Kill | Pause, "postgres") => match (setting.consumer_on_postgres, setting.store_on_postgres) {
            (true, true) => [REFUSED_AFTER_5_S, REFUSED_AFTER_5_S, LOG_KEEPS],
            (true, false) => [REFUSED_AFTER_5_S, STORE_KEEPS, LOG_KEEPS],
            (false, _) => [NO_EFFECT, REFUSED_AFTER_5_S, NO_EFFECT],
        },
        (Kill | Pause, _) if target.starts_with("broker-") => [
            NO_EFFECT,
            NO_EFFECT,
            "Another broker leads its partitions after a few seconds. With two of three down, events are refused with 503.",
        ],
        // One of the additional consumers.
        (Kill | Pause, _) => {
            [NO_EFFECT, OTHERS_POLL, "The group gives its partitions to the others after a few seconds."]
        }
        (Stop, _) => [
            NO_EFFECT,
            OTHERS_POLL,
            "It leaves the group, which gives its partitions to the others at once. Started again, it joins.",
        ],
        (SlowEvents, _) => [
            "Events are accepted later, by the time of each; past the consumer's speed they are refused with 503.",
            PROCESSED_LATER,
            PROCESSED_LATER,
        ],
        (SlowCommits, "backend") => [NO_EFFECT, "Events are accepted later, by the delay of the commit.", NO_EFFECT],
        (SlowCommits, _) => [
            "Events are accepted later, by the delays of the commit and of those ahead of it.",
            PROCESSED_LATER,
            PROCESSED_LATER,
        ],
        (MailLater, _) => [MAILS_WAIT; 3],
        (MailRefused, _) => [NO_MAILS; 3],
        (SlowMail, _) => [MAILS_LATER; 3],
        (Latency | Bandwidth, "senders-backend") => ["Events are accepted later."; 3],
        (Reset, "senders-backend") => [REFUSED; 3],
        (Cut, "senders-backend") => [NO_ANSWER; 3],
        (Latency | Bandwidth, "backend-consumer") => {
            ["Events are accepted later; past 10 s they are refused with 503.", NO_EFFECT, NO_EFFECT]
        }
        (Reset, "backend-consumer") => [REFUSED, NO_EFFECT, NO_EFFECT],
        (Cut, "backend-consumer") => [REFUSED_AFTER_10_S, NO_EFFECT, NO_EFFECT],
        (Latency | Bandwidth, "consumer-backend") => [NO_EFFECT, PROCESSED_LATER, NO_EFFECT],
        (Reset | Cut, "consumer-backend") => [NO_EFFECT, STORE_KEEPS, NO_EFFECT],
        (Latency | Bandwidth, "backend-broker") => {
            [NO_EFFECT, NO_EFFECT, "Events are accepted later; past 5 s they are refused with 503."]
        }
        (Reset | Cut, "backend-broker") => [NO_EFFECT, NO_EFFECT, REFUSED_AFTER_5_S],
        (Latency | Bandwidth, "consumer-broker") => [MAILS_LATER, MAILS_LATER, PROCESSED_LATER],
        (Reset | Cut, "consumer-broker") => [MAILS_WAIT, MAILS_WAIT, LOG_KEEPS],
        (Latency | Bandwidth, "mailer-broker") => [MAILS_LATER; 3],
        (Reset | Cut, "mailer-broker") => [MAILS_WAIT; 3],
        (Latency | Bandwidth | Reset | Cut, _) => [MAILS_AGAIN; 3],
    }
}

/// The description of this fault on this part or connection.
pub(super) fn describe(kind: Kind, target: &str, setting: Setting) -> FaultDescription {
    let [title, undo] = button_labels(kind).map(str::to_owned);
    let mut expected = expected(kind, target, setting);
    if !setting.broker {
        expected[2] = NO_BROKER;
    }
    let expect = Route::ALL.into_iter().zip(expected.map(str::to_owned)).collect();
    let (target, parameters) = (target.to_owned(), kind.parameters());
    FaultDescription { kind: kind.name().to_owned(), target, title, undo, parameters, expect }
}
