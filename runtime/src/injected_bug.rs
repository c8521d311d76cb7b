//! Deliberate bugs, to show that the crash test finds them. Only debug builds have them.
//!
//! A bug whose window is milliseconds gets one of a tenth of a second, so that a test finds it surely.

/// A bug that `ESE_INJECTED_BUG=name` injects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InjectedBug {
    /// `accept-early`: a Kafka event is answered `accepted` before its delivery report.
    AcceptEarly,
    /// `move-early`: a source's position is committed before the effects of the events.
    MoveEarly,
    /// `skip-dedupe`: a duplicate has effects like a new event.
    SkipDedupe,
    /// `lose-mail`: a mail leaves the outbox before the mailer has it.
    LoseMail,
}

impl InjectedBug {
    /// Whether this process has this bug.
    pub fn is_active(self) -> bool {
        #[cfg(debug_assertions)]
        {
            static INJECTED: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
            let name = match self {
                Self::AcceptEarly => "accept-early",
                Self::MoveEarly => "move-early",
                Self::SkipDedupe => "skip-dedupe",
                Self::LoseMail => "lose-mail",
            };
            INJECTED.get_or_init(|| std::env::var("ESE_INJECTED_BUG").ok()).as_deref() == Some(name)
        }
        #[cfg(not(debug_assertions))]
        false
    }
}
