//! The list of all faults: how each is described, and the expectation for each route.

use domain::Route;
use domain::api::faults::{FaultDescription, FaultParameter};

/// The kinds of faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// SIGKILL, and a start at the end.
    Kill,
    /// SIGSTOP, and SIGCONT at the end.
    Pause,
    /// Additional time of each event.
    SlowEvents,
    /// Additional time of each commit.
    SlowCommits,
    /// The inbox refuses mails with a temporary error.
    MailLater,
    /// The inbox refuses mails for good.
    MailRefused,
    /// The inbox answers late.
    SlowMail,
    /// A slow connection.
    Latency,
    /// A narrow connection.
    Bandwidth,
    /// A connection that is reset again and again.
    Reset,
    /// A connection over which nothing passes.
    Cut,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Kill,
        Self::Pause,
        Self::SlowEvents,
        Self::SlowCommits,
        Self::MailLater,
        Self::MailRefused,
        Self::SlowMail,
        Self::Latency,
        Self::Bandwidth,
        Self::Reset,
        Self::Cut,
    ];

    /// The name on the wire and the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kill => "kill",
            Self::Pause => "pause",
            Self::SlowEvents => "slow-events",
            Self::SlowCommits => "slow-commits",
            Self::MailLater => "mail-later",
            Self::MailRefused => "mail-refused",
            Self::SlowMail => "slow-mail",
            Self::Latency => "latency",
            Self::Bandwidth => "bandwidth",
            Self::Reset => "reset",
            Self::Cut => "cut",
        }
    }

    /// Start and end of the fault, as two buttons say it.
    const fn titles(self) -> (&'static str, &'static str) {
        match self {
            Self::Kill => ("Kill it", "Start it again"),
            Self::Pause => ("Pause it", "Resume it"),
            Self::SlowEvents => ("Slow down each event", "Full speed again"),
            Self::SlowCommits => ("Slow down each commit", "Full speed again"),
            Self::MailLater => ("Refuse mails for now (451)", "Take mails again"),
            Self::MailRefused => ("Refuse mails for good (554)", "Take mails again"),
            Self::SlowMail => ("Answer mails late", "Answer at once again"),
            Self::Latency => ("Delay everything", "No delay again"),
            Self::Bandwidth => ("Limit the bandwidth", "Full bandwidth again"),
            Self::Reset => ("Drop the connections", "Let them connect again"),
            Self::Cut => ("Cut the cable", "Mend the cable"),
        }
    }

    fn parameters(self) -> Vec<FaultParameter> {
        let parameter =
            |name: &str, least, most, default| FaultParameter { name: name.to_owned(), least, most, default };
        match self {
            Self::SlowEvents => vec![parameter("event_ms", 1, 1_000, 20)],
            Self::SlowCommits => vec![parameter("commit_ms", 1, 10_000, 200)],
            Self::SlowMail => vec![parameter("mail_ms", 1, 60_000, 2_000)],
            Self::Latency => vec![parameter("latency_ms", 1, 10_000, 100), parameter("jitter_ms", 0, 10_000, 20)],
            Self::Bandwidth => vec![parameter("kib_per_second", 1, 100_000, 16)],
            _ => Vec::new(),
        }
    }
}

/// The expectation in the order of [`Route::ALL`]: http-push, http-poll, kafka.
type Expected = [&'static str; 3];

const UNTOUCHED: &str = "No effect.";
const SENDERS_WAIT: &str = "Events wait at the sender, which tries again; nothing is lost.";
const STORE_KEEPS: &str = "Events are accepted and wait in the store until it expires them.";
const LOG_KEEPS: &str = "Events are accepted and wait in the log.";
const REFUSED: &str = "Events are refused with 503; the sender keeps them and tries again.";
const REFUSED_LATE: &str = "Events are refused with 503 after 5 s; the sender keeps them and tries again.";
const MAILS_WAIT: &str = "Events are processed; their mails wait and are sent later, each once.";

/// The expectation for this fault on this part or connection.
fn expected(kind: Kind, target: &str) -> Expected {
    let consumer = target.starts_with("consumer") && !target.contains("consumer-b") && !target.contains("consumer-m");
    match (kind, target) {
        (Kind::Kill, "consumer") => [REFUSED, STORE_KEEPS, LOG_KEEPS],
        (Kind::Pause, "consumer") => {
            ["Requests wait, then are refused with 503; the sender tries again.", STORE_KEEPS, LOG_KEEPS]
        }
        (Kind::Kill | Kind::Pause, _) if consumer => [
            UNTOUCHED,
            "The other consumers poll on.",
            "The group gives its partitions to the others after a few seconds.",
        ],
        (Kind::Kill | Kind::Pause, "postgres") => [REFUSED_LATE, REFUSED_LATE, LOG_KEEPS],
        (Kind::Kill | Kind::Pause, "backend") => [SENDERS_WAIT; 3],
        (Kind::Kill | Kind::Pause, "mailer" | "inbox") => [MAILS_WAIT; 3],
        (Kind::Kill | Kind::Pause, _) if target.starts_with("broker-") => [
            UNTOUCHED,
            UNTOUCHED,
            "Another broker leads its partitions after a few seconds. With two of three down, events are refused with 503; \
             the sender keeps them.",
        ],
        (Kind::Kill | Kind::Pause, _) => {
            [UNTOUCHED, UNTOUCHED, "Events are refused with 503 after 5 s; the sender keeps them. Mails wait, too."]
        }
        (Kind::SlowEvents, _) => [
            "The sender waits longer; past the consumer's speed it is refused and keeps the events.",
            "Accepted as quickly as before; the store fills.",
            "Accepted as quickly as before; the log fills.",
        ],
        (Kind::SlowCommits, "backend") => [UNTOUCHED, "Accepted later, by the delay of the store's commit.", UNTOUCHED],
        (Kind::SlowCommits, _) => [
            "Accepted later, by the delay of the commit.",
            "Accepted as quickly as before; processed later, in larger batches.",
            "Accepted as quickly as before; processed later, in larger batches.",
        ],
        (Kind::MailLater | Kind::SlowMail, _) => [MAILS_WAIT; 3],
        (Kind::MailRefused, _) => ["Events are processed; mails fail for good, and the inbox stays empty."; 3],
        (Kind::Latency | Kind::Bandwidth, "backend-consumer") => {
            ["Accepted later: the sender waits for the consumer.", UNTOUCHED, UNTOUCHED]
        }
        (Kind::Latency | Kind::Bandwidth, "consumer-backend") => {
            [UNTOUCHED, "Accepted as before; processed later.", UNTOUCHED]
        }
        (Kind::Latency | Kind::Bandwidth, "backend-broker") => {
            [UNTOUCHED, UNTOUCHED, "Accepted later: the backend waits for the broker's acknowledgement."]
        }
        (Kind::Latency | Kind::Bandwidth, "consumer-broker") => {
            [UNTOUCHED, UNTOUCHED, "Accepted as before; processed later."]
        }
        (Kind::Reset | Kind::Cut, "backend-consumer") => [REFUSED, UNTOUCHED, UNTOUCHED],
        (Kind::Reset | Kind::Cut, "consumer-backend") => [UNTOUCHED, STORE_KEEPS, UNTOUCHED],
        (Kind::Reset | Kind::Cut, "backend-broker") => {
            [UNTOUCHED, UNTOUCHED, "Events are refused with 503 after 5 s; the sender keeps them."]
        }
        (Kind::Reset | Kind::Cut, "consumer-broker") => [UNTOUCHED, UNTOUCHED, LOG_KEEPS],
        (Kind::Latency | Kind::Bandwidth | Kind::Reset | Kind::Cut, _) => [MAILS_WAIT; 3],
    }
}

/// The description of this fault on this part or connection.
pub(super) fn describe(kind: Kind, target: &str) -> FaultDescription {
    let (title, undo) = kind.titles();
    let expect = Route::ALL.into_iter().zip(expected(kind, target).map(str::to_owned)).collect();
    FaultDescription {
        kind: kind.name().to_owned(),
        target: target.to_owned(),
        title: title.to_owned(),
        undo: undo.to_owned(),
        parameters: kind.parameters(),
        expect,
    }
}
