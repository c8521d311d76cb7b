//! The faults of a scenario on their timeline.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Context;
use domain::Route;
use domain::api::faults::FaultRequest;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::time::{Instant, sleep_until};
use verdict::results::FaultMark;
use verdict::scenario::TimedFault;
use verdict::scenario::kinds::OFFLINE;

use crate::run::stack::Stack;

/// A fault on this route, with the name of its part or connection.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    timed: TimedFault,
    part: String,
    /// When it starts and ends, in seconds since the load's start.
    spans: Vec<(f64, f64)>,
}

/// The faults that concern this route. HTTP routes run without a broker, so its faults concern only kafka.
///
/// The seed decides when repeated faults start, on each route alike.
pub(super) fn of_route(faults: &[TimedFault], route: Route, load_seconds: f64, leader: &str, seed: u64) -> Vec<Fault> {
    let fault = |(place, timed): (usize, &TimedFault)| {
        let part = match (timed.part.as_str(), route) {
            ("route", Route::HttpPush) => "backend-consumer",
            ("route", Route::HttpPoll) => "consumer-backend",
            ("route", Route::Kafka) => "backend-broker",
            ("leader", _) => leader,
            (part, _) => part,
        };
        Fault {
            timed: timed.clone(),
            part: part.to_owned(),
            spans: spans(timed, load_seconds, seed ^ ((place as u64) << 32)),
        }
    };
    // The place in the scenario makes two repeated faults independent of each other, and stays the same on each route.
    faults.iter().enumerate().filter(|(_, fault)| concerns(fault, route)).map(fault).collect()
}

/// Whether a fault concerns this route.
pub(super) fn concerns(fault: &TimedFault, route: Route) -> bool {
    (fault.routes.is_empty() || fault.routes.contains(&route)) && (route == Route::Kafka || !is_of_broker(fault))
}

/// Whether a fault is one of a broker or of a connection to it.
pub(super) fn is_of_broker(fault: &TimedFault) -> bool {
    fault.part.contains("broker") || fault.part == "leader"
}

/// When the fault starts and ends: once, or each time anew and for half of the time between.
///
/// A repeated fault starts up to a quarter of this time after its turn. Without that it may fall into step with the services: each
/// crash then comes at the same moment of their work, and the same number of events is lost or doubled in every run.
fn spans(fault: &TimedFault, load_seconds: f64, seed: u64) -> Vec<(f64, f64)> {
    let end = fault.lasts.map_or(load_seconds, |lasts| fault.at + lasts);
    let Some(every) = fault.every else { return vec![(fault.at, end)] };
    let mut random = StdRng::seed_from_u64(seed);
    let turns = (0..).map(|turn| fault.at + f64::from(turn) * every).take_while(|&turn| turn < end);
    // A fault at 0 is in effect before the load begins.
    let late = |turn: f64| if turn > 0.0 { turn + random.random_range(0.0..every / 4.0) } else { turn };
    let starts = turns.map(late).filter(|&start| start < end);
    starts.map(|start| (start, (start + every / 2.0).min(end))).collect()
}

impl Fault {
    /// Whether it is on a connection: the first fault of a connection restarts its part.
    fn is_on_connection(&self) -> bool {
        matches!(self.timed.kind.as_str(), "latency" | "bandwidth" | "reset" | "cut")
    }

    fn request(&self) -> FaultRequest {
        FaultRequest { parameters: self.timed.parameters.clone(), ..FaultRequest::new(&self.timed.kind, &self.part) }
    }

    /// Prepares the connection, so that no part restarts during the load.
    pub(super) async fn prepare(&self, stack: &Stack) -> anyhow::Result<()> {
        if self.is_on_connection() {
            let active = stack.faults().start(self.request()).await?;
            stack.faults().stop(active.id).await?;
        }
        Ok(())
    }

    /// Whether it is in effect before the load begins.
    pub(super) fn is_early(&self) -> bool {
        self.timed.at == 0.0
    }

    /// Whether it takes a consumer out of the group.
    pub(super) fn shrinks_group(&self) -> bool {
        matches!(self.timed.kind.as_str(), "kill" | "stop") && self.part.starts_with("consumer-")
    }

    pub(super) async fn begin(&self, stack: &Stack, online: &AtomicBool) -> anyhow::Result<Begun> {
        if self.timed.kind == OFFLINE {
            online.store(false, Ordering::Relaxed);
            return Ok(Begun::Offline);
        }
        let active = stack.faults().start(self.request()).await;
        Ok(Begun::Fault(active.with_context(|| format!("the fault {} on {}", self.timed.kind, self.part))?.id))
    }

    /// Follows the timeline from `began` on, and marks the faults as they come. `early` has begun before.
    pub(super) async fn follow(
        &self,
        stack: &Stack,
        online: &AtomicBool,
        began: Instant,
        mut early: Option<Begun>,
        marks: &Marks,
    ) -> anyhow::Result<()> {
        for &(start, end) in &self.spans {
            let (since, begun) = match early.take() {
                Some(begun) => (0.0, begun),
                None => {
                    sleep_until(began + Duration::from_secs_f64(start)).await;
                    (began.elapsed().as_secs_f64(), self.begin(stack, online).await?)
                }
            };
            let mark = marks.begin(&self.timed.kind, &self.part, since);
            sleep_until(began + Duration::from_secs_f64(end)).await;
            match begun {
                Begun::Offline => online.store(true, Ordering::Relaxed),
                Begun::Fault(id) => {
                    let ended = stack.faults().stop(id).await;
                    ended.with_context(|| format!("the end of {} on {}", self.timed.kind, self.part))?;
                }
            }
            marks.end(mark, began.elapsed().as_secs_f64());
        }
        Ok(())
    }
}

/// The faults as they come.
#[derive(Debug, Default)]
pub(super) struct Marks(Mutex<Vec<FaultMark>>);

impl Marks {
    fn lock(&self) -> MutexGuard<'_, Vec<FaultMark>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, kind: &str, part: &str, began: f64) -> usize {
        let mut marks = self.lock();
        marks.push(FaultMark { kind: kind.to_owned(), part: part.to_owned(), began, ended: f64::INFINITY });
        marks.len() - 1
    }

    fn end(&self, mark: usize, ended: f64) {
        self.lock()[mark].ended = ended;
    }

    /// All of them; those that still last end at `moment`.
    pub(super) fn until(&self, moment: f64) -> Vec<FaultMark> {
        self.lock().iter().map(|mark| FaultMark { ended: mark.ended.min(moment), ..mark.clone() }).collect()
    }
}

/// A fault that is active.
#[derive(Clone, Copy, Debug)]
pub(super) enum Begun {
    /// The senders are offline.
    Offline,
    /// A fault of the stack, with its number.
    Fault(u64),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(kind: &str, part: &str) -> TimedFault {
        let (kind, part) = (kind.to_owned(), part.to_owned());
        TimedFault { at: 2.0, lasts: Some(5.0), kind, part, every: None, parameters: [].into(), routes: Vec::new() }
    }

    #[test]
    fn a_fault_comes_once_or_again_and_again() {
        assert_eq!(spans(&fault("kill", "consumer"), 20.0, 1), [(2.0, 7.0)]);
        assert_eq!(spans(&TimedFault { lasts: None, ..fault("kill", "consumer") }, 20.0, 1), [(2.0, 20.0)]);
        let again = TimedFault { every: Some(2.0), ..fault("kill", "consumer") };
        let found = spans(&again, 20.0, 1);
        assert_eq!(found.len(), 3, "{found:?}");
        for ((start, end), turn) in found.iter().zip([2.0, 4.0, 6.0]) {
            assert!((turn..turn + 0.5).contains(start) && *end == (start + 1.0).min(7.0), "{found:?}");
        }
        let early = TimedFault { at: 0.0, ..again.clone() };
        assert_eq!(spans(&early, 20.0, 1)[0], (0.0, 1.0));
        assert_eq!((spans(&again, 20.0, 1), spans(&again, 20.0, 2) == found), (found, false), "the seed decides");
    }

    #[test]
    fn parts_are_those_of_the_route() {
        let faults = [fault("kill", "leader"), fault("latency", "route"), fault("cut", "consumer-broker")];
        let parts = |route| {
            of_route(&faults, route, 9.0, "broker-2", 1).into_iter().map(|fault| fault.part).collect::<Vec<_>>()
        };
        assert_eq!(parts(Route::HttpPush), ["backend-consumer"]);
        assert_eq!(parts(Route::HttpPoll), ["consumer-backend"]);
        assert_eq!(parts(Route::Kafka), ["broker-2", "backend-broker", "consumer-broker"]);
        let one = TimedFault { routes: vec![Route::Kafka], ..fault("kill", "backend") };
        assert!(of_route(&[one], Route::HttpPush, 9.0, "broker", 1).is_empty());
    }
}
