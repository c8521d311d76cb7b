//! The effect of an answer: each event is done, rejected, or sent again on its route.

use domain::api::{EventResult, IngestReply, Outcome, Problem, Wait};
use domain::{Route, Timestamp};

use super::{Request, Tracker};
use crate::json;
use crate::tracker_event::{DeliveryStatus, TrackerEvent, Trouble};

/// The wait after a refusal of the key or the origin, in milliseconds.
const KEY_REFUSED_MS: u64 = 60_000;

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
                Problem { status, title, detail, retry_after_ms: None, dependency: None, results: Vec::new() }
            }
        };
        problem.status = status;
        let header = retry_after.and_then(|seconds| seconds.trim().parse::<u64>().ok());
        problem.retry_after_ms = problem.retry_after_ms.or(header.map(|seconds| seconds.saturating_mul(1000)));
        Self::Refused(problem)
    }
}

impl Tracker {
    /// Applies the end of a request; `jitter` is a random number from 0 to 1.
    pub fn answered(&mut self, request: &Request, answer: Answer, jitter: f64, now: Timestamp) -> Vec<TrackerEvent> {
        self.sender(request.route).answered();
        let retry = |after_ms, reason| Outcome::Retry { after_ms, reason };
        let (status, results, otherwise) = match answer {
            Answer::Reply(reply) => {
                (None, reply.results, retry(0, "the answer says nothing about this event".to_owned()))
            }
            Answer::Refused(problem) if problem.status == 413 && request.numbers.len() > 1 => {
                self.sender(request.route).too_large(request.numbers.len());
                return self.back_to_queue(request, now);
            }
            Answer::Refused(problem) => {
                let otherwise = match problem.status {
                    400 | 413 | 415 => Outcome::Rejected { reason: problem.detail },
                    // The key may be corrected, or its origins: nothing is given up, but many senders ask seldom.
                    401 | 403 => retry(problem.retry_after_ms.unwrap_or(0).max(KEY_REFUSED_MS), problem.detail),
                    _ => retry(problem.retry_after_ms.unwrap_or(0), problem.detail),
                };
                (Some(problem.status), problem.results, otherwise)
            }
            Answer::Unreachable(reason) => (None, Vec::new(), retry(0, reason)),
        };
        if status != Some(413) {
            self.sender(request.route).size_was_fine();
        }
        self.settle(request, status, &results, &otherwise, jitter, now)
    }

    fn back_to_queue(&mut self, request: &Request, now: Timestamp) -> Vec<TrackerEvent> {
        let entries = request.numbers.iter().filter_map(|&number| self.queue.get(number));
        let queued = |id| TrackerEvent::Delivery { id, route: request.route, status: DeliveryStatus::Queued, at: now };
        entries.map(|entry| queued(entry.id)).collect()
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
        // The longest wait and the latest reason.
        let mut refusal: Option<(u64, &str)> = None;
        for (index, &number) in request.numbers.iter().enumerate() {
            let outcome = results.get(index).and_then(|result| result.routes.get(request.route)).unwrap_or(otherwise);
            if let Outcome::Retry { after_ms, reason } = outcome {
                refusal = Some((refusal.map_or(0, |(longest, _)| longest).max(*after_ms), reason));
            }
            events.extend(self.outcome(number, request.route, outcome, now));
        }
        self.plan(request.route, status, refusal, jitter, now);
        events
    }

    /// Enters one outcome into the ledger and the queue.
    fn outcome(&mut self, number: u64, route: Route, outcome: &Outcome, now: Timestamp) -> Option<TrackerEvent> {
        let entry = self.queue.get_mut(number)?;
        let id = entry.id;
        let sent = entry.sent.get(route).copied().unwrap_or(now);
        let wait = Wait::between(entry.time, sent, now);
        let status = match outcome {
            Outcome::Accepted => DeliveryStatus::Accepted(wait),
            Outcome::Duplicate => DeliveryStatus::Duplicate(wait),
            Outcome::Rejected { reason } => DeliveryStatus::Rejected { reason: reason.clone() },
            Outcome::Retry { reason, .. } => DeliveryStatus::Retry { reason: reason.clone() },
        };
        if !matches!(status, DeliveryStatus::Retry { .. }) {
            entry.pending.retain(|&other| other != route);
            if entry.pending.is_empty() {
                self.queue.remove(number);
                self.gone.insert(number);
            }
            if let DeliveryStatus::Rejected { .. } = status {
                self.ledger.enter(route, |report| _ = report.rejected.insert(number));
            } else {
                self.ledger.enter(route, |report| _ = report.accepted.insert(number));
                self.ledger.waited(route, wait);
            }
        }
        Some(TrackerEvent::Delivery { id, route, status, at: now })
    }

    /// Sets when the route's sender may send again, and the trouble of the route.
    fn plan(&mut self, route: Route, status: Option<u16>, refusal: Option<(u64, &str)>, jitter: f64, now: Timestamp) {
        let Some((after_ms, reason)) = refusal else {
            self.sender(route).fine();
            self.troubles[route as usize] = None;
            return;
        };
        let again_at = self.sender(route).refused(after_ms, jitter, now);
        let trouble = &mut self.troubles[route as usize];
        let since = trouble.as_ref().map_or(now, |trouble| trouble.since);
        *trouble = Some(Trouble { status, reason: reason.to_owned(), since, again_at });
    }
}
