//! The findings of a use case, saved and live, as rows: one for each finding, newest first.

use domain::Timestamp;
use domain::rules::{Activity, Alert};
use uuid::Uuid;

use crate::sorted::sorted;

/// The key of a finding: its event, and its start and end.
pub type Key = (Uuid, Timestamp, Timestamp);

/// The most rows.
const MOST: usize = 100;

/// One finding, with the alert of each route.
#[derive(Clone, Debug, PartialEq)]
pub struct FindingRow {
    /// The event that completed the pattern, or had no successor.
    pub event: Uuid,
    /// Its subject.
    pub subject: String,
    /// The group of the rule: an address or an order.
    pub who: String,
    /// Its start and end.
    pub activity: Activity,
    /// The alert of each route, in the routes' order.
    pub sightings: [Option<Sighting>; 3],
}

/// The alert of one route.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sighting {
    /// The alert's id, which is its mail's.
    pub alert: Uuid,
    /// When it was found.
    pub detected: Timestamp,
    /// How late it was found, in milliseconds.
    pub late_ms: f64,
}

impl FindingRow {
    /// When it was first found.
    pub fn detected(&self) -> Option<Timestamp> {
        self.sightings.iter().flatten().map(|sighting| sighting.detected).min()
    }

    /// Its key, the same on all routes.
    pub const fn key(&self) -> Key {
        (self.event, self.activity.started, self.activity.ended)
    }
}

/// The rows of all alerts; the same alert may be saved and live.
pub fn finding_rows<'a>(alerts: impl Iterator<Item = &'a Alert>) -> Vec<FindingRow> {
    let mut rows: Vec<FindingRow> = Vec::new();
    for alert in alerts {
        let known =
            rows.iter_mut().find(|row| row.key() == (alert.event, alert.activity.started, alert.activity.ended));
        let sighting = Some(Sighting { alert: alert.id, detected: alert.detected, late_ms: alert.late_ms() });
        if let Some(row) = known {
            row.sightings[alert.route as usize] = sighting;
            continue;
        }
        let mut sightings = [None; 3];
        sightings[alert.route as usize] = sighting;
        rows.push(FindingRow {
            event: alert.event,
            subject: alert.subject.clone(),
            who: alert.key.clone(),
            activity: alert.activity,
            sightings,
        });
    }
    let mut rows = sorted(rows, |row| std::cmp::Reverse(row.detected()));
    rows.truncate(MOST);
    rows
}

#[cfg(test)]
mod tests {
    use domain::Route;

    use super::*;

    fn alert(event: u128, route: Route, detected: i64, started: i64) -> Alert {
        let at = Timestamp::from_millis;
        Alert {
            id: Uuid::from_u128(event * 10 + route as u128),
            use_case: "steady-clicks".to_owned(),
            route,
            key: "127.0.0.1".to_owned(),
            event: Uuid::from_u128(event),
            activity: Activity { started: at(started), ended: at(started + 500) },
            due: None,
            detected: at(detected),
            subject: "Steady clicks from 127.0.0.1".to_owned(),
        }
    }

    #[test]
    fn the_routes_of_a_finding_share_a_row_and_the_newest_is_first() {
        let saved = [alert(1, Route::Kafka, 1000, 0), alert(1, Route::HttpPush, 900, 0)];
        let live = [alert(2, Route::HttpPush, 2000, 0), alert(1, Route::Kafka, 1000, 0)];
        let rows = finding_rows(saved.iter().chain(&live));
        assert_eq!(rows.iter().map(|row| row.event.as_u128()).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(rows[1].detected(), Some(Timestamp::from_millis(900)));
        let late = rows[1].sightings.map(|sighting| sighting.map(|sighting| sighting.late_ms));
        assert_eq!(late, [Some(400.0), None, Some(500.0)]);
    }

    #[test]
    fn routes_that_disagree_are_shown_apart_and_there_is_an_end() {
        let disagree = [alert(1, Route::Kafka, 1, 0), alert(1, Route::HttpPoll, 1, 7)];
        assert_eq!(finding_rows(disagree.iter()).len(), 2);
        let many: Vec<_> = (0..500).map(|event| alert(event, Route::Kafka, event as i64, 0)).collect();
        let rows = finding_rows(many.iter());
        assert_eq!((rows.len(), rows[0].event.as_u128()), (MOST, 499));
    }
}
