//! The progress in the guide: it watches on every page, and is kept in the browser as long as the tab.

use domain::{Kind, Timestamp};
use leptos::prelude::*;

use crate::address::{Address, parts};
use crate::memo::Memo;
use crate::state::page_state::State;

/// The key in the browser's storage: the names of the steps done, with commas.
const KEY: &str = "ese-guide";
/// Among those names: the visitor dismissed the guide.
const DISMISSED: &str = "dismissed";

/// A step of the guide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuideStep {
    /// A click.
    Click,
    /// Three presses of F.
    PressF,
    /// A stop of the consumer.
    StopConsumer,
    /// The verdict.
    ReadVerdict,
}

impl GuideStep {
    /// All, in their order.
    pub const ALL: [Self; 4] = [Self::Click, Self::PressF, Self::StopConsumer, Self::ReadVerdict];

    /// The name, as in the test id.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Click => "click",
            Self::PressF => "press-f",
            Self::StopConsumer => "stop-consumer",
            Self::ReadVerdict => "read-verdict",
        }
    }

    /// Whether the page, at this path, shows now that the step is done.
    fn is_seen(self, state: &State, now: Timestamp, path: &str) -> bool {
        match self {
            Self::Click => state.emitted[Kind::ButtonClick as usize] > 0,
            Self::PressF => state.findings.alerts_of("steady-clicks").any(|alert| state.log.is_mine(alert.event)),
            Self::StopConsumer => state.part("consumer", now).is_down(),
            Self::ReadVerdict => parts(path).0 == "compare",
        }
    }
}

/// The steps done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    done: [bool; 4],
    dismissed: bool,
}

impl Progress {
    fn read(text: &str) -> Self {
        let has = |name: &str| text.split(',').any(|known| known == name);
        Self { done: GuideStep::ALL.map(|step| has(step.name())), dismissed: has(DISMISSED) }
    }

    fn text(self) -> String {
        let done = GuideStep::ALL.into_iter().filter(|&step| self.has(step)).map(GuideStep::name);
        done.chain(self.dismissed.then_some(DISMISSED)).collect::<Vec<_>>().join(",")
    }

    fn and(mut self, seen: [bool; 4]) -> Self {
        for (done, seen) in self.done.iter_mut().zip(seen) {
            *done |= seen;
        }
        self
    }

    /// Whether a step is done.
    pub const fn has(self, step: GuideStep) -> bool {
        self.done[step as usize]
    }

    /// How many steps are done.
    pub fn count(self) -> usize {
        self.done.into_iter().filter(|done| *done).count()
    }

    /// The form of the guide: `steps`, one line once it is `done`, or `dismissed`.
    pub fn form(self) -> &'static str {
        match (self.dismissed, self.count() == GuideStep::ALL.len()) {
            (true, _) => "dismissed",
            (false, true) => "done",
            (false, false) => "steps",
        }
    }
}

/// The progress of this visit; copies share it.
#[derive(Clone, Copy)]
pub struct Guide(RwSignal<Progress>);

impl Guide {
    /// Watches from now on.
    pub fn start(state: RwSignal<State>, now: RwSignal<Timestamp>, address: Address) -> Self {
        let guide = Self(RwSignal::new(Progress::read(&stored().unwrap_or_default())));
        let seen = Memo::new(move |_| {
            let (done, path, now) = (guide.0.get_untracked(), address.path(), now.get());
            state.with(|state| GuideStep::ALL.map(|step| done.has(step) || step.is_seen(state, now, &path)))
        });
        Effect::new(move || guide.change(|progress| progress.and(seen.get())));
        guide
    }

    /// The steps done.
    pub fn progress(self) -> Progress {
        self.0.get()
    }

    /// Ends the guide.
    pub fn dismiss(self) {
        self.change(|progress| Progress { dismissed: true, ..progress });
    }

    /// A browser that stores nothing forgets the progress with the page.
    fn change(self, change: impl FnOnce(Progress) -> Progress) {
        let before = self.0.get_untracked();
        let after = change(before);
        if after != before {
            self.0.set(after);
            if let Ok(Some(storage)) = window().session_storage() {
                storage.set_item(KEY, &after.text()).ok();
            }
        }
    }
}

fn stored() -> Option<String> {
    window().session_storage().ok()??.get_item(KEY).ok()?
}

#[cfg(test)]
mod tests {
    use domain::api::{LiveMessage, Part, Snapshot};
    use domain::rules::{Activity, Alert};
    use domain::{Route, RouteChoice, SessionId};
    use tracker::{Limit, Tracker};
    use uuid::Uuid;

    use super::*;
    use crate::state::live_feed::FeedChange;
    use crate::state::page_state::Input;

    #[test]
    fn a_step_is_done_once_the_page_has_seen_it() {
        let now = Timestamp::default();
        let mut state = State::default();
        let seen = |state: &State, path| GuideStep::ALL.map(|step| step.is_seen(state, now, path));
        assert_eq!(seen(&state, "/"), [false; 4]);
        assert_eq!(seen(&state, "/compare/quiet"), [false, false, false, true]);
        state.emitted[Kind::ButtonClick as usize] = 1;
        state.feed.received(now);
        assert_eq!(seen(&state, "/"), [true, false, false, false]);
        state.apply(Input::Feed(FeedChange::Broken), now);
        assert_eq!(seen(&state, "/"), [true, false, false, false], "the live stream is interrupted");
        let part = |up| Input::Parts(vec![Part { name: "consumer".to_owned(), up, trouble: None }]);
        state.apply(part(true), now);
        assert_eq!(seen(&state, "/"), [true, false, false, false], "the consumer is up");
        state.apply(part(false), now);
        assert_eq!(seen(&state, "/"), [true, false, true, false], "the consumer is down");
    }

    #[test]
    fn a_finding_counts_however_it_came() {
        let now = Timestamp::default();
        let alert = |event| Alert {
            id: Uuid::from_u128(event),
            use_case: "steady-clicks".to_owned(),
            route: Route::Kafka,
            key: String::new(),
            event: Uuid::from_u128(event),
            activity: Activity { started: now, ended: now },
            due: None,
            detected: now,
            subject: String::new(),
        };
        let snapshot = |event| {
            let snapshot = Snapshot { alerts: vec![alert(event)], ..Snapshot::default() };
            Input::Live(Box::new(LiveMessage::Snapshot(Box::new(snapshot))))
        };
        let mut tracker = Tracker::new(SessionId(Uuid::nil()), Limit::of_bytes(1000));
        let events = tracker.emit(Kind::KeyPress, serde_json::json!({}), RouteChoice::All, Uuid::from_u128(8), now);
        let mut state = State::default();
        state.apply(Input::Tracker(events, Box::new(tracker.status())), now);
        let is_done = |state: &State| GuideStep::PressF.is_seen(state, now, "/");
        state.apply(snapshot(7), now);
        assert!(!is_done(&state), "it is about an event of another browser");
        state.apply(snapshot(8), now);
        assert_eq!(state.findings.newest_fresh().map(|finding| finding.event), Some(Uuid::from_u128(8)));
        state.findings.dismiss();
        assert!(is_done(&state), "dismissed, but found");
    }

    #[test]
    fn the_guide_shrinks_to_one_line_and_its_text_is_read_again() {
        let mut progress = Progress::default();
        assert_eq!((progress.form(), progress.text().as_str()), ("steps", ""));
        progress = progress.and([true, false, true, false]).and([false; 4]);
        assert_eq!((progress.count(), progress.has(GuideStep::StopConsumer)), (2, true), "done is done");
        assert_eq!(progress.text(), "click,stop-consumer");
        assert_eq!(Progress::read(&progress.text()), progress);
        assert_eq!(progress.and([true; 4]).form(), "done");
        let dismissed = Progress { dismissed: true, ..progress };
        assert_eq!((dismissed.form(), Progress::read(&dismissed.text())), ("dismissed", dismissed));
        assert_eq!(Progress::read("no-such-step,click"), Progress::default().and([true, false, false, false]));
    }
}
