//! The effect of an answer: each event is done, rejected, or sent again, on each route.

use domain::api::{EventResult, IngestReply, Outcome, Problem};
use domain::{Route, RouteChoice, Timestamp};

use super::{Request, Tracker};
use crate::event::{DeliveryStatus, TrackerEvent, Trouble};
use crate::json;

/// How a request ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// 200, with a result for each event and route.
    Reply(IngestReply),
    /// The request was refused as a whole.
    Refused(Problem),
    /// There was no answer.
    Unreachable(String),
}

impl Answer {
    /// A refusal, from the status, the header Retry-After and the body.
    pub fn refused(status: u16, title: String, retry_after: Option<&str>, body: &str) -> Self {
        let mut problem = match json::read::<Problem>(body) {
            Ok(problem) => problem,
            // The answer is not from a service of ours but from a proxy in between.
            Err(_) => {
                let detail = format!("the server answers {status} {title}");
                Problem { status, title, detail, retry_after_ms: None, results: Vec::new() }
            }
        };
        problem.status = status;
        let header = retry_after.and_then(|seconds| seconds.trim().parse::<u64>().ok());
        problem.retry_after_ms = problem.retry_after_ms.or(header.map(|seconds| seconds.saturating_mul(1000)));
        Self::Refused(problem)
    }
}

/// The longest wait and the latest reason of one route.
struct Wait {
    after_ms: u64,
    reason: String,
}

impl Tracker {
    /// Applies the end of a request; `jitter` is a random number from 0 to 1.
    pub fn answered(&mut self, request: &Request, answer: Answer, jitter: f64, now: Timestamp) -> Vec<TrackerEvent> {
        self.sender(request.choice).answered();
        for &number in &request.numbers {
            if let Some(entry) = self.queue.get_mut(number) {
                entry.in_flight.retain(|route| !request.choice.routes().contains(route));
            }
        }
        let retry = |after_ms, reason| Outcome::Retry { after_ms, reason };
        let (status, results, otherwise) = match answer {
            Answer::Reply(reply) => {
                (None, reply.results, retry(0, "the answer says nothing about this event".to_owned()))
            }
            Answer::Refused(problem) if problem.status == 413 && request.numbers.len() > 1 => {
                self.sender(request.choice).too_large(request.numbers.len());
                return self.back_to_queue(request, now);
            }
            Answer::Refused(problem) => {
                let otherwise = match problem.status {
                    400 | 413 | 415 => Outcome::Rejected { reason: problem.detail },
                    _ => retry(problem.retry_after_ms.unwrap_or(0), problem.detail),
                };
                (Some(problem.status), problem.results, otherwise)
            }
            Answer::Unreachable(reason) => (None, Vec::new(), retry(0, reason)),
        };
        if status != Some(413) {
            self.sender(request.choice).size_was_fine();
        }
        self.settle(request, status, &results, &otherwise, jitter, now)
    }

    fn back_to_queue(&mut self, request: &Request, now: Timestamp) -> Vec<TrackerEvent> {
        let entries = request.numbers.iter().filter_map(|&number| self.queue.get(number));
        let events = entries.flat_map(|entry| {
            let id = entry.event.id;
            request.choice.routes().iter().map(move |&route| TrackerEvent::Delivery {
                id,
                route,
                status: DeliveryStatus::Queued,
                at: now,
            })
        });
        events.collect()
    }

    fn settle(
        &mut self,
        request: &Request,
        status: Option<u16>,
        results: &[EventResult],
        otherwise: &Outcome,
        jitter: f64,
        now: Timestamp,
    ) -> Vec<TrackerEvent> {
        let mut events = Vec::new();
        let mut waits: [Option<Wait>; 3] = Default::default();
        for (index, &number) in request.numbers.iter().enumerate() {
            for &route in request.choice.routes() {
                let outcome = results.get(index).and_then(|result| result.routes.get(route)).unwrap_or(otherwise);
                if let Outcome::Retry { after_ms, reason } = outcome {
                    let longest = waits[route as usize].as_ref().map_or(0, |wait| wait.after_ms).max(*after_ms);
                    waits[route as usize] = Some(Wait { after_ms: longest, reason: reason.clone() });
                }
                events.extend(self.outcome(number, route, outcome, now));
            }
        }
        self.plan(request, status, waits, jitter, now);
        events
    }

    /// Enters one outcome into the ledger and the queue.
    fn outcome(&mut self, number: u64, route: Route, outcome: &Outcome, now: Timestamp) -> Option<TrackerEvent> {
        let entry = self.queue.get_mut(number)?;
        let id = entry.event.id;
        let status = match outcome {
            Outcome::Accepted => DeliveryStatus::Accepted,
            Outcome::Duplicate => DeliveryStatus::Duplicate,
            Outcome::Rejected { reason } => DeliveryStatus::Rejected { reason: reason.clone() },
            Outcome::Retry { reason, .. } => DeliveryStatus::Retry { reason: reason.clone() },
        };
        if !matches!(status, DeliveryStatus::Retry { .. }) {
            entry.pending.retain(|&other| other != route);
            if entry.pending.is_empty() {
                self.queue.remove(number);
            }
            self.changed.insert(number);
            self.ledger.enter(route, |report| match status {
                DeliveryStatus::Rejected { .. } => _ = report.rejected.insert(number),
                _ => _ = report.accepted.insert(number),
            });
        }
        Some(TrackerEvent::Delivery { id, route, status, at: now })
    }

    /// Sets when each sender may send again, and the trouble of each route.
    fn plan(&mut self, request: &Request, status: Option<u16>, waits: [Option<Wait>; 3], jitter: f64, now: Timestamp) {
        let routes = request.choice.routes();
        let everywhere = request.choice == RouteChoice::All && waits.iter().all(Option::is_some);
        let longest = waits.iter().flatten().map(|wait| wait.after_ms).max().unwrap_or(0);
        if everywhere {
            self.sender(RouteChoice::All).refused(longest, jitter, now);
        } else if routes.iter().any(|&route| waits[route as usize].is_none()) {
            self.sender(RouteChoice::All).fine();
        }
        for &route in routes {
            let sender = self.sender(RouteChoice::One(route));
            let Some(Wait { after_ms, reason }) = &waits[route as usize] else {
                sender.fine();
                self.troubles[route as usize] = None;
                continue;
            };
            let again_at = sender.refused(*after_ms, jitter, now);
            let since = self.troubles[route as usize].as_ref().map_or(now, |trouble| trouble.since);
            self.troubles[route as usize] = Some(Trouble { status, reason: reason.clone(), since, again_at });
        }
    }
}
