//! The kinds of faults: their names and the bounds of their numbers.

use domain::api::faults::FaultParameter;

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// SIGKILL, and a start at the end.
    Kill,
    /// SIGTERM, and a start at the end.
    Stop,
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
    /// The name on the wire and the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kill => "kill",
            Self::Stop => "stop",
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

    /// The numbers. Past these bounds the timeouts of the parts end every try, and nothing would be seen but that.
    pub(super) fn parameters(self) -> Vec<FaultParameter> {
        let parameter =
            |name: &str, least, most, default| FaultParameter { name: name.to_owned(), least, most, default };
        match self {
            Self::SlowEvents => vec![parameter("event_ms", 1, 1_000, 20)],
            Self::SlowCommits => vec![parameter("commit_ms", 1, 3_000, 200)],
            Self::SlowMail => vec![parameter("mail_ms", 1, 8_000, 2_000)],
            Self::Latency => vec![parameter("latency_ms", 1, 1_000, 100), parameter("jitter_ms", 0, 200, 20)],
            Self::Bandwidth => vec![parameter("kib_per_second", 4, 100_000, 16)],
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;
    use verdict::scenario::kinds::{self, Number};

    use super::*;

    /// The crate of scenarios has no way to this list, so it has a copy.
    #[test]
    fn scenarios_take_the_same_kinds_with_the_same_numbers() {
        let here = Kind::value_variants().iter().map(|kind| {
            let numbers =
                kind.parameters().into_iter().map(|FaultParameter { name, least, most, .. }| (name, least, most));
            (kind.name(), numbers.collect::<Vec<_>>())
        });
        let there = kinds::ALL.into_iter().filter(|kind| kind.name != kinds::OFFLINE).map(|kind| {
            let numbers = kind.numbers.iter().map(|&Number { name, least, most }| (name.to_owned(), least, most));
            (kind.name, numbers.collect::<Vec<_>>())
        });
        assert_eq!(here.collect::<Vec<_>>(), there.collect::<Vec<_>>());
    }
}
