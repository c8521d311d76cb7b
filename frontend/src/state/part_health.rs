//! Which part is up: as the live stream says, or, while that is silent, as whoever supervises the parts says.

use domain::Timestamp;

use super::page_state::State;

/// How a part is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartHealth {
    /// It answers.
    Up,
    /// It does not, and why.
    Down(String),
    /// Nobody has said.
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
    /// How the part of that name is: backend, broker, consumer or mailer.
    pub fn part(&self, name: &str, now: Timestamp) -> PartHealth {
        let feed = self.feed.name(now);
        let told = if feed == "live" { &self.topology.parts } else { &self.asked };
        match told.iter().find(|part| part.name == name) {
            Some(part) if part.up => PartHealth::Up,
            Some(part) => PartHealth::Down(part.trouble.clone().unwrap_or_else(|| "it does not answer".to_owned())),
            // The stream is the consumer's own voice.
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
    fn whoever_can_know_is_believed() {
        let at = Timestamp::from_millis;
        let mut state = State::default();
        assert_eq!(state.part("consumer", at(0)), PartHealth::Unknown);

        let topology = Topology { parts: vec![part("backend", None), part("broker", Some("gone"))] };
        state.take(Input::Live(Box::new(LiveMessage::Topology(topology))), at(0));
        let names =
            |state: &State, now| ["backend", "broker", "consumer", "mailer"].map(|name| state.part(name, now).name());
        assert_eq!(names(&state, at(0)), ["up", "down", "up", "unknown"]);
        assert_eq!(state.part("broker", at(0)), PartHealth::Down("gone".to_owned()));

        state.take(Input::Feed(FeedChange::Broken), at(10));
        assert_eq!(names(&state, at(10)), ["unknown", "unknown", "down", "unknown"], "nobody was asked yet");

        state.take(Input::Parts(vec![part("consumer", Some("killed")), part("backend", None)]), at(20));
        assert_eq!(state.part("consumer", at(20)), PartHealth::Down("killed".to_owned()));
        assert_eq!(state.part("backend", at(20)), PartHealth::Up);

        state.take(Input::Live(Box::new(LiveMessage::Topology(Topology::default()))), at(30));
        state.take(Input::Parts(vec![part("consumer", Some("killed"))]), at(40));
        assert_eq!(state.part("consumer", at(40)), PartHealth::Up, "an answer that comes late counts no more");
    }
}
