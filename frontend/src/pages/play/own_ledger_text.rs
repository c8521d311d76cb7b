//! The ledger as one line: how many events are accounted for on each route, and where the others are. Pure.

use domain::Route;
use domain::ledger::Balance;

use crate::format::count;

/// The line, from the balances in the order of the routes: one part for all routes if they are alike, else one for each
/// route with events.
pub fn ledger_words(balances: &[Balance; 3]) -> String {
    if balances.iter().all(|balance| balance.emitted == 0) {
        return "No events yet.".to_owned();
    }
    let same = |balance: &Balance| one(balance, "") == one(&balances[0], "");
    if balances.iter().all(same) {
        return one(&balances[0], "each route") + ".";
    }
    let used = Route::ALL.iter().zip(balances).filter(|(_, balance)| balance.emitted > 0);
    let parts: Vec<String> = used.map(|(route, balance)| one(balance, route.name())).collect();
    parts.join("; ") + "."
}

/// One route, or all alike. An event is accounted for once it is processed, refused for good, or dropped by its sender.
fn one(balance: &Balance, place: &str) -> String {
    let Balance { emitted, processed, rejected, shed, in_flight, lost, residual, .. } = *balance;
    let accounted = processed + rejected + shed;
    let mut words = format!("{} of {} accounted for on {place}", count(accounted), count(emitted));
    let others = [
        (rejected, "of them refused for good"),
        (shed, "of them dropped by a sender whose queue was full"),
        (in_flight, "still in flight"),
        (lost, "lost"),
        (residual.unsigned_abs(), "counted wrongly"),
    ];
    for (number, what) in others.into_iter().filter(|(number, _)| *number > 0) {
        words += &format!(", {} {what}", count(number));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_that_are_alike_share_one_line() {
        let balance = Balance { emitted: 12, processed: 12, ..Balance::default() };
        assert_eq!(ledger_words(&[balance; 3]), "12 of 12 accounted for on each route.");
        let balance = Balance { emitted: 1234, processed: 1230, rejected: 1, in_flight: 3, ..Balance::default() };
        let words =
            "1\u{202f}231 of 1\u{202f}234 accounted for on each route, 1 of them refused for good, 3 still in flight.";
        assert_eq!(ledger_words(&[balance; 3]), words);
        assert_eq!(ledger_words(&[Balance::default(); 3]), "No events yet.");
        let reordered = Balance { reordered: 2, duplicates: 1, ..balance };
        assert_eq!(ledger_words(&[balance, balance, reordered]), words, "the end of each event is the same");
    }

    #[test]
    fn routes_that_differ_are_named() {
        let [push, poll, kafka] = [
            Balance { emitted: 12, processed: 12, ..Balance::default() },
            Balance { emitted: 12, processed: 10, lost: 2, ..Balance::default() },
            Balance { emitted: 3, processed: 1, shed: 1, residual: 1, ..Balance::default() },
        ];
        assert_eq!(
            ledger_words(&[push, poll, kafka]),
            "12 of 12 accounted for on http-push; 10 of 12 accounted for on http-poll, 2 lost; \
             2 of 3 accounted for on kafka, 1 of them dropped by a sender whose queue was full, 1 counted wrongly."
        );
        let none = Balance::default();
        assert_eq!(ledger_words(&[none, none, push]), "12 of 12 accounted for on kafka.", "the others were not used");
    }
}
