//! The sentence above all: which route is slowest right now, and where it spends the time.

use domain::api::Sample;
use domain::{Route, Timestamp};

use super::hop::Hop;
use super::lane_status::behind;
use crate::format::{count, duration};
use crate::state::page_state::State;
use crate::state::part_health::PartHealth;

/// Medians closer than this are alike: a share of the larger one, and never less than [`ALIKE_MS`].
const ALIKE: f64 = 0.02;
/// Nobody feels less than this, in milliseconds.
const ALIKE_MS: f64 = 1.0;
/// From this share on one is simply slower than the other.
const PLAIN: f64 = 0.1;

/// Medians of parts do not add up to that of the whole: a part explains a difference from this share of it on.
const EXPLAINS: f64 = 0.5;

/// What there is to say first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The route it is about, if it is about one.
    pub route: Option<Route>,
    /// The sentence; after the route's name, if it is about one.
    pub headline: String,
    /// Why it is so, or what it means.
    pub because: String,
}

impl Verdict {
    fn of_all(headline: &str, because: &str) -> Self {
        Self { route: None, headline: headline.to_owned(), because: because.to_owned() }
    }
}

impl State {
    /// What there is to say first: what is down, else what is slow.
    pub fn verdict(&self, now: Timestamp) -> Verdict {
        match self.part("consumer", now) {
            PartHealth::Up => {}
            PartHealth::Unknown => return Verdict::of_all("Connecting …", "The consumer has not said anything yet."),
            PartHealth::Down(_) => {
                return Verdict::of_all(
                    "The consumer is down: nothing is processed.",
                    "http-push refuses events, and browsers keep them; http-poll and kafka go on accepting and keep them for later.",
                );
            }
        }
        if self.feed.name(now) != "live" {
            return Verdict::of_all("The consumer is back.", "Its live stream follows in a moment.");
        }
        if self.part("backend", now).is_down() {
            return Verdict::of_all(
                "The backend is down: nothing comes in.",
                "Browsers keep their events and send them once it is back.",
            );
        }
        if self.part("broker", now).is_down() {
            return Verdict::of_all(
                "The broker is down: kafka takes nothing.",
                "Browsers keep its events; http-push and http-poll go on, and only mails wait.",
            );
        }
        let told = self.samples.latest().and_then(verdict);
        told.unwrap_or_else(|| match Route::ALL.into_iter().any(|route| self.on_their_way(route, now) > 0) {
            true => Verdict::of_all(
                "Events are on their way, and none has arrived of late.",
                "What is accepted waits on its route, what is not at its sender.",
            ),
            false => nothing(),
        })
    }
}

fn nothing() -> Verdict {
    Verdict::of_all("Nothing is moving.", "Click on Play over the route all, or start simulated clients.")
}

/// Which route is slowest in this second, and where; none if nothing arrived of late.
fn verdict(pulse: &Sample) -> Option<Verdict> {
    let median = |route| Some((route, pulse.routes.get(route)?.hops.total?.p50_ms));
    let mut known = Route::ALL.into_iter().filter_map(median);
    let first = known.next()?;
    let ((mut fastest, mut least), (mut slowest, mut most)) = (first, first);
    for (route, millis) in known {
        if millis < least {
            (fastest, least) = (route, millis);
        }
        if millis > most {
            (slowest, most) = (route, millis);
        }
    }
    if pulse.routes.values().filter(|numbers| numbers.hops.total.is_some()).count() == 1 {
        let headline = format!("alone has events right now; half of them take up to {}.", duration(most));
        return Some(Verdict { route: Some(slowest), headline, because: place(pulse, slowest) });
    }
    let apart = most - least;
    if alike(most, least) {
        let headline = format!("All routes are alike right now: half of the events take up to {}.", duration(most));
        return Some(Verdict { route: None, headline, because: place(pulse, slowest) });
    }
    let headline = format!(
        "is slowest right now{}: half of its events take {} or more; with {} it is {}.",
        if apart <= PLAIN * most.abs() { ", though not by much" } else { "" },
        duration(most),
        fastest.name(),
        duration(least)
    );
    Some(Verdict { route: Some(slowest), headline, because: difference(pulse, slowest, fastest) })
}

fn alike(one: f64, other: f64) -> bool {
    (one - other).abs() <= (ALIKE * one.abs().max(other.abs())).max(ALIKE_MS)
}

/// Where most of the difference between the slowest and the fastest arises, and why.
fn difference(pulse: &Sample, slowest: Route, fastest: Route) -> String {
    let times = |route| pulse.routes.get(route).map(|numbers| numbers.hops);
    let (Some(slow), Some(fast)) = (times(slowest), times(fastest)) else { return String::new() };
    let more = Hop::ALL.into_iter().filter_map(|hop| {
        let (here, there) = (hop.of(&slow)?.p50_ms, hop.of(&fast)?.p50_ms);
        (here > there).then_some((hop, here, there))
    });
    let most = more.max_by(|(_, here, there), (_, one, other)| (here - there).total_cmp(&(one - other)));
    let is_behind = pulse.routes.get(slowest).is_some_and(|numbers| behind(numbers).is_some());
    let whole = slow.total.zip(fast.total).map_or(0.0, |(slow, fast)| slow.p50_ms - fast.p50_ms);
    let explains = |&(_, here, there): &(Hop, f64, f64)| !is_behind && here - there >= EXPLAINS * whole;
    let Some((hop, here, there)) = most.filter(explains) else { return place(pulse, slowest) };
    let (place, because) = (hop.place(), hop.because(slowest, here));
    let (here, fastest, there) = (duration(here), fastest.name(), duration(there));
    let common = match (hop, slow.to_backend) {
        (Hop::OnRoute | Hop::InStep, Some(common))
            if fast.to_backend.is_some_and(|other| alike(common.p50_ms, other.p50_ms)) =>
        {
            format!(" Before that, {} {}, on any route.", duration(common.p50_ms), Hop::ToBackend.place())
        }
        _ => String::new(),
    };
    format!("Most of the difference arises {place}, {here} against {there} with {fastest}: {because}.{common}")
}

/// Where the route spends the time, and why.
fn place(pulse: &Sample, route: Route) -> String {
    let Some(numbers) = pulse.routes.get(route) else { return String::new() };
    match (behind(numbers), Hop::longest(&numbers.hops)) {
        (Some(lag), _) => format!("It has fallen behind: {} events wait there.", count(lag.events)),
        (_, Some((hop, millis))) => {
            format!("It takes longest {}, {}: {}.", hop.place(), duration(millis), hop.because(route, millis))
        }
        (_, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use domain::api::{HopTimes, Lag, Part, Quantiles, RouteSample};

    use super::*;
    use crate::state::live_feed::FeedChange;
    use crate::state::page_state::Input;

    fn took(hops: [f64; 3]) -> RouteSample {
        let of = |p50_ms| Some(Quantiles { p50_ms, p99_ms: 3.0 * p50_ms });
        let [to_backend, on_route, in_step] = hops.map(of);
        let hops = HopTimes { to_backend, on_route, in_step, total: of(hops.iter().sum()) };
        RouteSample { hops, ..RouteSample::default() }
    }

    fn pulse(routes: &[(Route, RouteSample)]) -> Sample {
        Sample { routes: routes.iter().copied().collect(), ..Sample::default() }
    }

    #[test]
    fn names_the_slowest_and_where_it_is_slow() {
        let push = (Route::HttpPush, took([1.0, 2.0, 3.0]));
        let poll = (Route::HttpPoll, took([1.0, 9.0, 3.0]));
        let verdict = super::verdict(&pulse(&[push, poll])).unwrap();
        assert_eq!(verdict.route, Some(Route::HttpPoll));
        assert_eq!(
            verdict.headline,
            "is slowest right now: half of its events take 13 ms or more; with http-push it is 6.0 ms."
        );
        assert!(
            verdict.because.starts_with(
                "Most of the difference arises on the route, 9.0 ms against 2.0 ms with http-push: an event is written to the store’s disk"
            ),
            "{}",
            verdict.because
        );
        assert!(
            verdict
                .because
                .ends_with("question. Before that, 1.0 ms at the sender and on the way to the backend, on any route.")
        );

        let behind = Lag { events: 412, seconds: 3.0 };
        let behind = (Route::HttpPoll, RouteSample { lag: Some(behind), ..poll.1 });
        assert_eq!(
            super::verdict(&pulse(&[push, behind])).unwrap().because,
            "It has fallen behind: 412 events wait there."
        );
    }

    #[test]
    fn does_not_name_one_where_none_stands_out() {
        assert_eq!(super::verdict(&pulse(&[(Route::Kafka, RouteSample::default())])), None);
        let one = [(Route::Kafka, took([1.0, 1.0, 1.0]))];
        let verdict = super::verdict(&pulse(&one)).unwrap();
        assert_eq!((verdict.route, verdict.headline.starts_with("alone")), (Some(Route::Kafka), true));
        let alike = [(Route::HttpPush, took([1.0, 4.9, 1.0])), (Route::Kafka, took([1.0, 5.0, 1.0]))];
        assert_eq!(super::verdict(&pulse(&alike)).unwrap().route, None);
        let shared = [(Route::HttpPush, took([51.0, 0.4, 2.0])), (Route::Kafka, took([51.0, 4.8, 2.0]))];
        let verdict = super::verdict(&pulse(&shared)).unwrap();
        assert!(verdict.headline.starts_with("is slowest right now, though not by much: "), "{}", verdict.headline);
        assert!(verdict.because.contains("the producer waits 2 ms"), "what all share explains no difference");
        let (mut late, mut soon) = (took([1300.0, 7.0, 1.0]), took([1300.0, 0.3, 1.0]));
        for (numbers, p50_ms) in [(&mut late, 1807.0), (&mut soon, 1365.0)] {
            numbers.hops.total = Some(Quantiles { p50_ms, p99_ms: 3000.0 });
        }
        let verdict = super::verdict(&pulse(&[(Route::HttpPush, soon), (Route::HttpPoll, late)])).unwrap();
        assert!(verdict.because.starts_with("It takes longest at the sender"), "7 ms do not explain 442");
    }

    #[test]
    fn what_is_down_comes_first() {
        let now = Timestamp::default();
        let mut state = State::default();
        assert_eq!(state.verdict(now).headline, "Connecting …");
        state.feed.heard(now);
        assert_eq!(state.verdict(now), nothing());
        state.topology.parts = vec![Part { name: "broker".to_owned(), up: false, trouble: None }];
        assert!(state.verdict(now).headline.starts_with("The broker is down"));
        state.take(Input::Feed(FeedChange::Broken), now);
        assert!(state.verdict(now).headline.starts_with("The consumer is down"));
        state.asked = vec![Part { name: "consumer".to_owned(), up: true, trouble: None }];
        assert_eq!(state.verdict(now).headline, "The consumer is back.");
    }
}
