//! Deliberate bugs, to show that the crash test finds them. Only debug builds have any; in release builds there are none.
//!
//! Where a bug is a matter of milliseconds, planting it makes it one of tenths of a second: a test must not need luck.

/// A bug that `ESE_INJECTED_BUG=name` plants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InjectedBug {
    /// `accept-early`: a Kafka event is called accepted before its delivery report.
    AcceptEarly,
    /// `move-early`: a source's position is committed before the effects of what it passes.
    MoveEarly,
    /// `skip-dedupe`: a duplicate has effects like a new event.
    SkipDedupe,
    /// `lose-mail`: a mail leaves the outbox before the mailer has it.
    LoseMail,
}

impl InjectedBug {
    /// Whether this bug is planted in this process.
    pub fn is_active(self) -> bool {
        #[cfg(debug_assertions)]
        {
            static PLANTED: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
            let name = match self {
                Self::AcceptEarly => "accept-early",
                Self::MoveEarly => "move-early",
                Self::SkipDedupe => "skip-dedupe",
                Self::LoseMail => "lose-mail",
            };
            PLANTED.get_or_init(|| std::env::var("ESE_INJECTED_BUG").ok()).as_deref() == Some(name)
        }
        #[cfg(not(debug_assertions))]
        false
    }
}
