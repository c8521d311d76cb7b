//! The simulations that run in terminals, as they announce themselves; they are only shown.

use std::time::{Duration, Instant};

use domain::api::simulation::{MAX_ANNOUNCED, Progress};
use uuid::Uuid;

/// A simulation that has not announced itself for so long is shown no more.
pub(super) const EXPIRY: Duration = Duration::from_secs(3);

/// The latest announcement of each simulation.
#[derive(Default)]
pub(super) struct Announced(Vec<(Uuid, Instant, Progress)>);

impl Announced {
    /// Takes an announcement; returns false where there is no room for one more simulation.
    pub(super) fn put(&mut self, id: Uuid, progress: Progress, now: Instant) -> bool {
        self.expire(now);
        match self.0.iter().position(|(known, ..)| *known == id) {
            Some(place) => self.0[place] = (id, now, progress),
            None if self.0.len() < MAX_ANNOUNCED => self.0.push((id, now, progress)),
            None => return false,
        }
        true
    }

    /// The progress of each, in the order of their first announcements.
    pub(super) fn view(&mut self, now: Instant) -> Vec<Progress> {
        self.expire(now);
        self.0.iter().map(|(.., progress)| progress.clone()).collect()
    }

    fn expire(&mut self, now: Instant) {
        self.0.retain(|(_, at, _)| now.duration_since(*at) < EXPIRY);
    }
}

#[cfg(test)]
mod tests {
    use domain::ByRoute;
    use domain::api::simulation::{Parameters, Phase};

    use super::*;

    #[test]
    fn simulations_keep_their_order_and_disappear_when_they_are_silent() {
        let (began, mut announced) = (Instant::now(), Announced::default());
        let at = |seconds| began + Duration::from_secs(seconds);
        let progress = |created| {
            let (parameters, phase, routes) = (Parameters::default(), Phase::Emitting, ByRoute::default());
            Progress { parameters, phase, elapsed_seconds: 1.0, created, routes }
        };
        let most = MAX_ANNOUNCED as u64;
        for number in 1..=most {
            assert!(announced.put(Uuid::from_u64_pair(0, number), progress(number), at(0)));
        }
        assert!(!announced.put(Uuid::nil(), progress(0), at(1)), "no room");
        assert!(announced.put(Uuid::from_u64_pair(0, 1), progress(100), at(2)));
        let created = |view: Vec<Progress>| view.iter().map(|one| one.created).collect::<Vec<_>>();
        assert_eq!(created(announced.view(at(2))), [100, 2, 3, 4]);
        assert_eq!(created(announced.view(at(4))), [100]);
        assert!(announced.put(Uuid::nil(), progress(0), at(4)));
        assert!(announced.view(at(9)).is_empty());
    }
}
