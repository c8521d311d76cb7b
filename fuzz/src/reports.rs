//! The reports of trackers, from which the ledger is made.

use domain::Timestamp;
use domain::api::SessionReport;
use domain::ledger::{Report, SessionLedger};

use crate::refusal::reason;

/// A report: what is plausible enters the ledger, and entering it again changes nothing.
pub fn report(body: &[u8]) {
    let report: SessionReport = match serde_json::from_slice(body) {
        Ok(report) => report,
        Err(error) => return reason(&runtime::problem::short(&error)),
    };
    let json = serde_json::to_string(&report).expect("a report is JSON");
    assert_eq!(serde_json::from_str::<SessionReport>(&json).ok().as_ref(), Some(&report));
    if !report.routes.values().all(Report::is_plausible) {
        return;
    }
    let now = Timestamp::from_millis(1_769_860_800_000);
    for given in report.routes.values() {
        let mut ledger = SessionLedger::default();
        assert_eq!(ledger.add_report(given, now), Ok(()));
        let once = ledger.clone();
        assert_eq!(ledger.add_report(given, now), Ok(()));
        assert_eq!(ledger, once);
    }
}
