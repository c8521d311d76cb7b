//! Deliberate bugs, to show that the crash test and the books find them. Only debug builds have them.
//!
//! A bug whose window is milliseconds gets one of a tenth of a second, so that a test finds it surely.

use serde::{Deserialize, Serialize};

/// A bug that a fault file injects; see [`crate::injected_fault`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum InjectedBug {
    /// A Kafka event is answered `accepted` before its delivery report.
    AcceptEarly,
    /// A source's position is committed before the effects of the events.
    MoveEarly,
    /// A duplicate has effects like a new event.
    SkipDedupe,
    /// A mail leaves the outbox before the mailer has it.
    LoseMail,
}
