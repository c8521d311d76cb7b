//! The reasons why a run decides nothing.

use domain::ledger::Balance;

/// The generator is late if one event in a hundred is emitted so many milliseconds after it was due.
const LATE_MS: f64 = 20.0;
/// The machine is busy with something else if that takes such a share of its processors.
const BUSY_ELSEWHERE: f64 = 0.25;
/// So many times of processed events may be guessed, of each hundred.
const GUESSED: f64 = 1.0;

/// The facts that decide whether a run counts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Facts {
    /// How late the generator was, for all but one event in a hundred, in milliseconds.
    pub(super) late_ms: f64,
    /// The share of the processors' time that neither the parts nor the generator used.
    pub(super) busy_elsewhere: f64,
    /// The ledger at the end.
    pub(super) balance: Balance,
    /// Events that were due.
    pub(super) due: u64,
    /// Processed events that a consumer's stream left out, since it was not read fast enough.
    pub(super) lagged: u64,
    /// Processed events that no stream has shown, so that their time is a guess.
    pub(super) guessed: u64,
    /// Alerts and mails that were due and did not come.
    pub(super) missing_effects: u64,
    /// The end of the recovery is a guess.
    pub(super) recovery_guessed: bool,
}

/// The last words of the reason of [`Facts::missing_effects`].
pub(super) const MISSING_EFFECTS: &str = "alerts or mails about processed events are missing";

/// The reasons for which the machine is not to blame: the books are wrong.
pub(super) const BOOKS: [&str; 3] = ["the ledger's residual", "the ledger has", MISSING_EFFECTS];

/// The reasons; none for a valid run.
pub(super) fn reasons(facts: Facts) -> Vec<String> {
    let Facts { late_ms, busy_elsewhere, balance, due, lagged, guessed, missing_effects, recovery_guessed } = facts;
    let mut void = Vec::new();
    let mut check = |wrong: bool, reason: String| void.extend(wrong.then_some(reason));
    check(late_ms > LATE_MS, format!("the generator was late: one event in a hundred by {late_ms:.0} ms or more"));
    check(busy_elsewhere > BUSY_ELSEWHERE, {
        format!("something else took {:.0} % of the processors", 100.0 * busy_elsewhere)
    });
    check(balance.residual != 0, format!("the ledger's residual is {}", balance.residual));
    check(lagged > 0, format!("the times of {lagged} processed events are missing"));
    check(
        100.0 * guessed as f64 > GUESSED * due as f64,
        format!("the times of {guessed} processed events are guessed"),
    );
    check(balance.emitted != due, format!("the ledger has {} events, and {due} were due", balance.emitted));
    check(missing_effects > 0, format!("{missing_effects} {MISSING_EFFECTS}"));
    check(recovery_guessed, "the time of the last event that waited for the end of the fault is guessed".to_owned());
    void
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_given_and_a_good_run_has_none() {
        let good = Facts {
            late_ms: 19.9,
            busy_elsewhere: 0.24,
            balance: Balance { emitted: 7, processed: 7, ..Balance::default() },
            due: 7,
            ..Facts::default()
        };
        assert_eq!(reasons(good), Vec::<String>::new());
        assert_eq!(
            reasons(Facts { late_ms: 31.4, busy_elsewhere: 0.5, ..good }),
            [
                "the generator was late: one event in a hundred by 31 ms or more",
                "something else took 50 % of the processors"
            ]
        );
        let balance = Balance { emitted: 8, residual: -1, ..good.balance };
        assert_eq!(
            reasons(Facts { balance, lagged: 3, guessed: 1, missing_effects: 2, recovery_guessed: true, ..good }),
            [
                "the ledger's residual is -1",
                "the times of 3 processed events are missing",
                "the times of 1 processed events are guessed",
                "the ledger has 8 events, and 7 were due",
                "2 alerts or mails about processed events are missing",
                "the time of the last event that waited for the end of the fault is guessed"
            ]
        );
    }
}
