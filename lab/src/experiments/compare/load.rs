//! The load of a run with its faults on their timeline, until the route is empty.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::Context;
use domain::Route;
use futures_util::future::try_join_all;
use tokio::task::JoinSet;
use verdict::Scenario;

use super::drain::{Drained, drain};
use super::faults::{Begun, Fault, Marks};
use super::plan::Plan;
use super::recorder::Recorder;
use super::second_reader::SecondReader;
use super::senders::Senders;
use crate::experiments::wire::Wire;
use crate::run::stack::Stack;

/// A load to be sent.
pub(super) struct Load<'a> {
    pub(super) stack: &'a Stack,
    pub(super) scenario: &'a Scenario,
    pub(super) route: Route,
    pub(super) plan: &'a Plan,
    pub(super) faults: &'a [Fault],
    pub(super) senders: &'a Arc<Senders>,
    pub(super) recorder: &'a Recorder,
    pub(super) marks: &'a Marks,
    /// The process of the second reader, once it runs.
    pub(super) reader: &'a OnceLock<u32>,
}

/// The end of a load.
pub(super) struct Loaded {
    pub(super) drained: Drained,
    /// The share of the earlier events that the second reader could not get, in percent.
    pub(super) missed_history: Option<f64>,
}

/// The faults that have begun, by their places.
pub(super) type Early = BTreeMap<usize, Begun>;

impl Load<'_> {
    /// Starts those faults that are in effect before the load begins.
    pub(super) async fn begin(&self, wanted: impl Fn(&Fault) -> bool) -> anyhow::Result<Early> {
        let mut begun = Early::new();
        for (place, fault) in self.faults.iter().enumerate() {
            if fault.is_early() && wanted(fault) {
                begun.insert(place, fault.begin(self.stack, &self.senders.online).await?);
            }
        }
        Ok(begun)
    }

    /// Sends everything from `start` on the senders' clock. `before` are the events of the warm-up.
    pub(super) async fn run(&self, start: Duration, early: &Early, before: u64) -> anyhow::Result<Loaded> {
        let Self { stack, scenario, route, senders, recorder, .. } = *self;
        let began = senders.clock.instant_after(start);
        // A task of its own is not delayed by the others here; it ends when the set is dropped.
        let mut sending = JoinSet::new();
        let (own, slots, bytes) = (senders.clone(), self.plan.slots.clone(), scenario.load.event_bytes);
        sending.spawn(async move { own.run(&slots, bytes, start).await });
        let sent = async { sending.join_next().await.context("the generator did not run")?? };
        let follow = |(place, fault): (usize, &'_ Fault)| {
            let (fault, early) = (fault.clone(), early.get(&place).copied());
            async move { fault.follow(stack, &senders.online, began, early, self.marks).await }
        };
        let faults = try_join_all(self.faults.iter().enumerate().map(follow));
        let reader =
            SecondReader::start(stack, scenario.second_reader.as_ref().map(|reader| reader.at), began, self.reader);
        let ((), _, reader) = tokio::try_join!(sent, faults, reader)?;

        let wire = Wire::new(&stack.address(), None)?;
        let (sessions, due) = (senders.sessions(), self.plan.slots.len() as u64);
        let drained = async || drain(&wire, recorder, &sessions, route, [due, before]).await;
        let mut end = drained().await?;
        if senders.given_up() > 0 {
            senders.drop_given_up(&end.seen).await;
            let (processed, changed) = (end.balance.processed, end.changed);
            end = drained().await?;
            // The report of the dropped events is a change, but none of a processed one.
            end.changed = if end.balance.processed == processed { changed } else { end.changed };
        }
        let missed_history = match reader {
            Some(reader) => {
                let began = senders.clock.after(start + reader.at).micros();
                Some(reader.end(route, &recorder.due_before(began)).await?)
            }
            None => None,
        };
        Ok(Loaded { drained: end, missed_history })
    }
}
