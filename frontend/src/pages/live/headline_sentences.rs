//! The text of the headline: a part that is down, else the typical time of each route and where the slowest spends it.

use domain::api::{RouteSample, Sample};
use domain::{Guarantee, Route, Timestamp};
use verdict::Criterion;

use super::hop::Hop;
use super::lane_status::behind;
use crate::format::{count, duration};
use crate::state::page_state::State;
use crate::state::part_health::PartHealth;
use crate::state::samples::Samples;

/// A difference is steady if it was there so many seconds ago, too. The times of a sample are those of ten seconds.
const BEFORE_S: [i64; 2] = [5, 10];
/// Events move if one came in or was processed in so many seconds; routes are compared if that holds for each of these.
const MOVING_S: i64 = 3;
/// From this share of a difference on, a hop explains it: medians of hops do not add up.
const EXPLAINS: f64 = 0.5;

/// The headline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadlineSentences {
    /// The route it is about, if it is about one.
    pub route: Option<Route>,
    /// The sentence, after the route's name if it is about one.
    pub headline: String,
    /// The reason, or the effect.
    pub because: String,
}

impl HeadlineSentences {
    /// The headline when the backend or the broker is up, and only the consumer does not reach it.
    pub fn out_of_reach(part: &str) -> Self {
        match part {
            "backend" => Self::of_all(
                "The consumer does not reach the backend: http-poll waits.",
                "Its events are kept in the store; http-push and kafka go on.",
            ),
            _ => Self::of_all(
                "The consumer does not reach the broker: kafka waits.",
                "Its events are kept in the log; http-push and http-poll go on, and only mails wait.",
            ),
        }
    }

    /// The headline when the consumer is down, by the guarantee of http-push.
    fn without_consumer(push: Guarantee) -> Self {
        let because = match push {
            Guarantee::AtMostOnce => {
                "http-push, at most once, accepts events and loses them; http-poll and kafka keep them for later."
            }
            _ => {
                "http-push refuses events, and browsers keep them; http-poll and kafka go on accepting and keep them for later."
            }
        };
        Self::of_all("The consumer is down: nothing is processed.", because)
    }

    fn of_all(headline: &str, because: &str) -> Self {
        Self { route: None, headline: headline.to_owned(), because: because.to_owned() }
    }
}

impl State {
    /// The headline: a part that is down, else the times of the routes; `push` is the guarantee of http-push.
    pub fn headline(&self, now: Timestamp, push: Guarantee) -> HeadlineSentences {
        let (headline, because) = match (self.part_down(now), self.feed.name(now), self.part("consumer", now)) {
            ("postgres", ..) => (
                "PostgreSQL is down: what needs it stands still.",
                "Events are refused, and browsers keep them, or they wait on their route; all goes on once it is back.",
            ),
            ("consumer", ..) => return HeadlineSentences::without_consumer(push),
            ("backend", ..) => {
                ("The backend is down: nothing comes in.", "Browsers keep their events and send them once it is back.")
            }
            ("broker", ..) => (
                "The broker is down: kafka takes nothing.",
                "Browsers keep its events; http-push and http-poll go on, and only mails wait.",
            ),
            (_, "live", _) => return self.of_routes(now),
            (.., PartHealth::Up) => ("The consumer is back.", "Its live stream follows in a moment."),
            (_, "connecting", _) => ("Connecting …", "The consumer has not sent anything yet."),
            _ => ("This page gets no new data.", "The parts behind it may be up all the same."),
        };
        HeadlineSentences::of_all(headline, because)
    }

    fn of_routes(&self, now: Timestamp) -> HeadlineSentences {
        let in_flight = || Route::ALL.into_iter().any(|route| self.events_in_flight(route, now) > 0);
        match (are_moving(&self.samples), slowest_route(&self.samples)) {
            ((true, true), Some(headline)) => headline,
            ((true, false), Some(_)) => last_times(&self.samples, "Nearly idle: too few events to compare."),
            _ if in_flight() => HeadlineSentences::of_all(
                "Events are on their way, and none has arrived recently.",
                "Accepted events wait on their route, all others at their sender.",
            ),
            _ => last_times(&self.samples, "Nothing is moving."),
        }
    }
}

/// Whether an event came in or was processed: in one of the last seconds, and in each of them.
fn are_moving(samples: &Samples) -> (bool, bool) {
    let moves = |numbers: &RouteSample| numbers.rate_out > 0.0 || numbers.rate_in.is_some_and(|rate| rate > 0.0);
    let moved = |sample: &Sample| sample.routes.values().any(moves);
    let last = || (0..MOVING_S).filter_map(move |seconds| samples.before(seconds));
    (last().any(moved), last().all(moved))
}

/// The state, and the last times of the routes, if there are any.
fn last_times(samples: &Samples, state: &str) -> HeadlineSentences {
    let last = typical(|route| {
        let medians = samples.series(route, |numbers| Some(numbers.hops.until_processed?.p50_ms));
        medians.into_iter().rev().find_map(|(_, millis)| millis)
    });
    let last = if last.is_empty() { last } else { format!(" Last: {last} until processed.") };
    let because = "Click on Play with all routes chosen, or start simulated clients.";
    HeadlineSentences::of_all(&format!("{state}{last}"), because)
}

/// The time of each route that has one.
fn typical(median: impl Fn(Route) -> Option<f64>) -> String {
    let time = |route: Route| Some(unbroken(&format!("{} {}", route.name(), duration(median(route)?))));
    Route::ALL.into_iter().filter_map(time).collect::<Vec<_>>().join(", ")
}

/// The same text on one line: no line ends at a space or at a hyphen.
fn unbroken(text: &str) -> String {
    text.replace(' ', "\u{a0}").replace('-', "-\u{2060}")
}

/// From the backend until half of the events of a route were processed. The wait at the sender is not in it.
fn median(sample: &Sample, route: Route) -> Option<f64> {
    Some(sample.routes.get(route)?.hops.until_processed?.p50_ms)
}

/// Whether the difference matters in practice, by the band of the comparison's verdicts.
fn matters(most: f64, least: f64) -> bool {
    let band = Criterion::ProcessedP50.band();
    most - least > (band.relative * least).max(band.absolute)
}

/// The slowest route and its slowest hop if it is steadily slower, else the times of all; none without recent events.
fn slowest_route(samples: &Samples) -> Option<HeadlineSentences> {
    let sample = samples.latest()?;
    let median = |route| Some((route, median(sample, route)?));
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
    let about_all = |remark: &str| {
        let times = typical(|route| Some(median(route)?.1));
        let because = format!("{remark} {}", slowest_hop(sample, slowest));
        HeadlineSentences::of_all(&format!("Typical time until processed: {times}."), &because)
    };
    let about_slowest = |headline, because| HeadlineSentences { route: Some(slowest), headline, because };
    let (time, other) = (duration(most), fastest.name());
    let is_alone = sample.routes.values().filter(|numbers| numbers.hops.until_processed.is_some()).count() == 1;
    Some(if is_alone {
        let headline = format!("alone has events right now: typically {time} until processed.");
        about_slowest(headline, slowest_hop(sample, slowest))
    } else if !matters(most, least) {
        about_all("No practical difference.")
    } else if !is_steady(samples, slowest, fastest) {
        about_all("The difference is not steady yet.")
    } else {
        let least = duration(least);
        let headline = format!("is slowest right now: typically {time} until processed, against {least} with {other}.");
        about_slowest(headline, difference(sample, slowest, fastest))
    })
}

/// Whether the one route was slower than the other some seconds ago, too, by as much as matters.
fn is_steady(samples: &Samples, slow: Route, fast: Route) -> bool {
    let was_slower = |sample: &Sample| {
        median(sample, slow).zip(median(sample, fast)).is_some_and(|(slow, fast)| matters(slow, fast))
    };
    BEFORE_S.into_iter().all(|seconds| samples.before(seconds).is_some_and(was_slower))
}

/// The hop with most of the difference between two routes, and the reason.
fn difference(sample: &Sample, slowest: Route, fastest: Route) -> String {
    let times = |route| sample.routes.get(route).map(|numbers| numbers.hops);
    let (Some(slow), Some(fast)) = (times(slowest), times(fastest)) else { return String::new() };
    let more = Hop::ALL.into_iter().filter_map(|hop| {
        let (here, there) = (hop.of(&slow)?.p50_ms, hop.of(&fast)?.p50_ms);
        (here > there).then_some((hop, here, there))
    });
    let most = more.max_by(|(_, here, there), (_, one, other)| (here - there).total_cmp(&(one - other)));
    let is_behind = sample.routes.get(slowest).is_some_and(|numbers| behind(numbers).is_some());
    let whole = slow.until_processed.zip(fast.until_processed).map_or(0.0, |(slow, fast)| slow.p50_ms - fast.p50_ms);
    let explains = |&(_, here, there): &(Hop, f64, f64)| !is_behind && here - there >= EXPLAINS * whole;
    let Some((hop, here, there)) = most.filter(explains) else { return slowest_hop(sample, slowest) };
    let (place, because) = (hop.place(), hop.because(slowest, here));
    let (here, fastest, there) = (duration(here), fastest.name(), duration(there));
    format!("Most of the difference arises {place}, {here} against {there} with {fastest}: {because}.")
}

/// The slowest hop of a route, and the reason.
fn slowest_hop(sample: &Sample, route: Route) -> String {
    let Some(numbers) = sample.routes.get(route) else { return String::new() };
    let name = route.name();
    match (behind(numbers), Hop::longest(&numbers.hops)) {
        (Some(lag), _) => format!("{name} has fallen behind: {} events wait there.", count(lag.events)),
        (_, Some((hop, millis))) => {
            format!("{name} takes longest {}, {}: {}.", hop.place(), duration(millis), hop.because(route, millis))
        }
        (_, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use domain::api::{HopTimes, Lag, Part, Quantiles};

    use super::*;
    use crate::state::live_feed::FeedChange;
    use crate::state::page_state::Input;

    fn took(hops: [f64; 2]) -> RouteSample {
        let of = |p50_ms| Some(Quantiles { p50_ms, p99_ms: 3.0 * p50_ms });
        let [on_route, in_step] = hops.map(of);
        let hops = HopTimes { on_route, in_step, until_processed: of(hops.iter().sum()), ..HopTimes::default() };
        RouteSample { hops, ..RouteSample::default() }
    }

    /// The same for so many seconds.
    fn steady(seconds: i64, routes: &[(Route, RouteSample)]) -> Samples {
        let mut samples = Samples::default();
        for second in 1..=seconds {
            let routes = routes.iter().copied().collect();
            let sample = Sample { at: Timestamp::from_millis(second * 1000), routes };
            samples.take(sample, Timestamp::default());
        }
        samples
    }

    fn text_of(routes: &[(Route, RouteSample)]) -> HeadlineSentences {
        slowest_route(&steady(20, routes)).unwrap()
    }

    #[test]
    fn without_the_consumer_only_a_route_at_most_once_loses_events() {
        let because = |push| HeadlineSentences::without_consumer(push).because;
        assert!(because(Guarantee::AtMostOnce).starts_with("http-push, at most once, accepts events and loses them"));
        assert!(because(Guarantee::AtLeastOnce).starts_with("http-push refuses events"));
    }

    #[test]
    fn names_the_slowest_route_and_its_slowest_hop() {
        let push = (Route::HttpPush, took([3.0, 3.0]));
        let poll = (Route::HttpPoll, took([10.0, 3.0]));
        let text = text_of(&[push, poll]);
        assert_eq!(text.route, Some(Route::HttpPoll));
        assert_eq!(
            text.headline,
            "is slowest right now: typically 13 ms until processed, against 6.0 ms with http-push."
        );
        assert!(
            text.because.starts_with(
                "Most of the difference arises on the route, 10 ms against 3.0 ms with http-push: an event is written to the store’s disk"
            ),
            "{}",
            text.because
        );

        let behind = Lag { events: 412, seconds: 3.0 };
        let behind = (Route::HttpPoll, RouteSample { lag: Some(behind), ..poll.1 });
        assert_eq!(text_of(&[push, behind]).because, "http-poll has fallen behind: 412 events wait there.");
    }

    #[test]
    fn names_no_route_if_no_difference_matters_or_none_is_steady() {
        assert_eq!(slowest_route(&steady(20, &[(Route::Kafka, RouteSample::default())])), None);
        let text = text_of(&[(Route::Kafka, took([1.0, 1.0]))]);
        assert_eq!((text.route, text.headline.starts_with("alone")), (Some(Route::Kafka), true));
        for (push, kafka) in [([4.0, 1.0], [5.9, 1.0]), ([4.0, 60.0], [10.0, 60.0])] {
            let text = text_of(&[(Route::HttpPush, took(push)), (Route::Kafka, took(kafka))]);
            assert_eq!(text.route, None, "2 ms and 10 % do not matter");
            assert!(text.because.starts_with("No practical difference. "), "{}", text.because);
        }
        let apart = [(Route::HttpPush, took([0.4, 20.0])), (Route::Kafka, took([4.8, 20.0]))];
        let text = text_of(&apart);
        assert_eq!(text.route, Some(Route::Kafka));
        assert!(text.because.contains("two requests are under way"), "a hop that all share explains no difference");
        let text = slowest_route(&steady(9, &apart)).unwrap();
        assert_eq!(text.route, None);
        let times = [unbroken("http-push 20 ms"), unbroken("kafka 25 ms")].join(", ");
        assert_eq!(text.headline, format!("Typical time until processed: {times}."));
        let because = "The difference is not steady yet. kafka takes longest in the consumer’s step, 20 ms: ";
        assert!(text.because.starts_with(because), "{}", text.because);
        let mut turned = steady(20, &[(Route::HttpPush, took([4.8, 20.0])), (Route::Kafka, took([0.4, 20.0]))]);
        for second in 21..=25 {
            let at = Timestamp::from_millis(second * 1000);
            turned.take(Sample { at, routes: apart.into_iter().collect() }, at);
        }
        assert_eq!(slowest_route(&turned).unwrap().route, None, "the other one was slower ten seconds ago");
        let (mut late, mut soon) = (took([7.0, 1300.0]), took([0.3, 1300.0]));
        for (numbers, p50_ms) in [(&mut late, 1807.0), (&mut soon, 1365.0)] {
            numbers.hops.until_processed = Some(Quantiles { p50_ms, p99_ms: 3000.0 });
        }
        let text = text_of(&[(Route::HttpPush, soon), (Route::HttpPoll, late)]);
        assert!(text.because.starts_with("http-poll takes longest in the consumer’s step"), "7 ms do not explain 442");
    }

    #[test]
    fn the_last_times_are_shown_and_no_route_is_compared_once_nothing_moves() {
        let mut state = State::default();
        state.feed.received(Timestamp::default());
        state.samples = steady(1, &[(Route::Kafka, RouteSample { rate_out: 2.0, ..took([100.0, 12.0]) })]);
        let headline = |state: &State| state.headline(Timestamp::default(), Guarantee::default()).headline;
        assert!(headline(&state).starts_with("alone has events right now"));
        let last = format!(" Last: {} until processed.", unbroken("kafka 112 ms"));
        let idle = "Nearly idle: too few events to compare.";
        for (second, words) in [(2, idle), (3, idle), (4, "Nothing is moving.")] {
            let at = Timestamp::from_millis(second * 1000);
            state.samples.take(Sample { at, routes: [(Route::Kafka, took([100.0, 12.0]))].into() }, at);
            assert_eq!(headline(&state), format!("{words}{last}"), "second {second}");
        }
    }

    #[test]
    fn a_part_that_is_down_comes_first() {
        let now = Timestamp::default();
        let mut state = State::default();
        assert_eq!(state.headline(now, Guarantee::default()).headline, "Connecting …");
        state.feed.received(now);
        assert_eq!(state.headline(now, Guarantee::default()).headline, "Nothing is moving.");
        state.topology.parts = vec![Part { name: "broker".to_owned(), up: false, trouble: None }];
        assert_eq!(state.headline(now, Guarantee::default()).headline, "The broker is down: kafka takes nothing.");
        state.topology.parts.push(Part { name: "postgres".to_owned(), up: false, trouble: None });
        assert_eq!(
            state.headline(now, Guarantee::default()).headline,
            "PostgreSQL is down: what needs it stands still."
        );
        state.apply(Input::Feed(FeedChange::Broken), now);
        assert_eq!(
            state.headline(now, Guarantee::default()).headline,
            "This page gets no new data.",
            "the consumer may be up"
        );
        state.asked_parts = vec![Part { name: "consumer".to_owned(), up: false, trouble: None }];
        assert_eq!(state.headline(now, Guarantee::default()).headline, "The consumer is down: nothing is processed.");
        state.asked_parts = vec![Part { name: "consumer".to_owned(), up: true, trouble: None }];
        assert_eq!(state.headline(now, Guarantee::default()).headline, "The consumer is back.");
    }
}
