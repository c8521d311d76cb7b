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
    /// There is no information yet.
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
    /// The health of a part: backend, broker, consumer or mailer.
    pub fn part(&self, name: &str, now: Timestamp) -> PartHealth {
        let feed = self.feed.name(now);
        let parts = if feed == "live" { &self.topology.parts } else { &self.asked_parts };
        match parts.iter().find(|part| part.name == name) {
            Some(part) if part.up => PartHealth::Up,
            Some(part) => PartHealth::Down(part.trouble.clone().unwrap_or_else(|| "it does not answer".to_owned())),
            // The consumer sends the stream, so it is up.
            None if name == "consumer" && feed == "live" => PartHealth::Up,
            None if name == "consumer" && feed == "old" => {
                PartHealth::Down("its live stream is interrupted".to_owned())
            }
            None => PartHealth::Unknown,
        }
    }
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

        state.apply(Input::Feed(FeedChange::Broken), at(10));
        assert_eq!(names(&state, at(10)), ["unknown", "unknown", "down", "unknown"], "no request yet");

        state.apply(Input::Parts(vec![part("consumer", Some("killed")), part("backend", None)]), at(20));
        assert_eq!(state.part("consumer", at(20)), PartHealth::Down("killed".to_owned()));
        assert_eq!(state.part("backend", at(20)), PartHealth::Up);

        state.apply(Input::Live(Box::new(LiveMessage::Topology(Topology::default()))), at(30));
        state.apply(Input::Parts(vec![part("consumer", Some("killed"))]), at(40));
        assert_eq!(state.part("consumer", at(40)), PartHealth::Up, "a late answer does not count");
    }
}
