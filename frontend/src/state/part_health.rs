//! The health of each part, from the live stream, or from the supervisor while the stream is silent.

use domain::Timestamp;

use super::page_state::State;

/// The health of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartHealth {
    /// It answers.
    Up,
    /// It does not, and why.
    Down(String),
    /// There is no information: a silent stream alone does not mean that the consumer is down.
    Unknown,
}

impl PartHealth {
    /// The name, as in `data-health`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down(_) => "down",
            Self::Unknown => "unknown",
        }
    }

    /// Whether it is known to be down.
    pub const fn is_down(&self) -> bool {
        matches!(self, Self::Down(_))
    }
}

impl State {
    /// The first part on the way of events that is down; empty for none. The database comes first: without it the others are
    /// not ready either.
    pub fn part_down(&self, now: Timestamp) -> &'static str {
        let mut parts = ["postgres", "consumer", "backend", "broker"].into_iter();
        parts.find(|part| self.part(part, now).is_down()).unwrap_or_default()
    }

    /// The health of a part: backend, broker, consumer, mailer or postgres.
    pub fn part(&self, name: &str, now: Timestamp) -> PartHealth {
        let feed = self.feed.name(now);
        let parts = if feed == "live" { &self.topology.parts } else { &self.asked_parts };
        match parts.iter().find(|part| part.name == name) {
            Some(part) if part.up => PartHealth::Up,
            Some(part) => PartHealth::Down(plain(part.trouble.as_deref().unwrap_or("it does not answer")).to_owned()),
            // The consumer sends the stream, so it is up.
            None if name == "consumer" && feed == "live" => PartHealth::Up,
            None => PartHealth::Unknown,
        }
    }
}

/// The reason of the supervisor in plain words: `killed by signal: 9 (SIGKILL)` as `killed`.
pub fn plain(why: &str) -> &str {
    why.strip_suffix(" by signal: 9 (SIGKILL)").unwrap_or(why)
}

#[cfg(test)]
mod tests {
    use domain::api::{LiveMessage, Part, Topology};

    use super::super::live_feed::FeedChange;
    use super::super::page_state::Input;
    use super::*;

    fn part(name: &str, trouble: Option<&str>) -> Part {
        Part { name: name.to_owned(), up: trouble.is_none(), trouble: trouble.map(str::to_owned) }
    }

    #[test]
    fn the_live_stream_comes_before_the_supervisor() {
        let at = Timestamp::from_millis;
        let mut state = State::default();
        assert_eq!(state.part("consumer", at(0)), PartHealth::Unknown);

        let topology = Topology { parts: vec![part("backend", None), part("broker", Some("gone"))] };
        state.apply(Input::Live(Box::new(LiveMessage::Topology(topology))), at(0));
        let names =
            |state: &State, now| ["backend", "broker", "consumer", "mailer"].map(|name| state.part(name, now).name());
        assert_eq!(names(&state, at(0)), ["up", "down", "up", "unknown"]);
        assert_eq!(state.part("broker", at(0)), PartHealth::Down("gone".to_owned()));
        assert_eq!(state.part_down(at(0)), "broker");

        state.apply(Input::Feed(FeedChange::Broken), at(10));
        assert_eq!((names(&state, at(10)), state.part_down(at(10))), (["unknown"; 4], ""), "no answer yet");

        let killed = part("consumer", Some("killed by signal: 9 (SIGKILL)"));
        state.apply(Input::Parts(vec![killed, part("backend", None)]), at(20));
        assert_eq!(state.part("consumer", at(20)), PartHealth::Down("killed".to_owned()));
        assert_eq!(state.part("backend", at(20)), PartHealth::Up);
        assert_eq!(state.part_down(at(20)), "consumer");

        state.apply(Input::Live(Box::new(LiveMessage::Topology(Topology::default()))), at(30));
        state.apply(Input::Parts(vec![part("consumer", Some("killed"))]), at(40));
        assert_eq!(state.part("consumer", at(40)), PartHealth::Up, "a late answer does not count");
    }
}
