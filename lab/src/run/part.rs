//! The parts of the stack: each a process of ours, or a broker that runs elsewhere.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::Timestamp;
use futures_util::future::join_all;
use serde::Serialize;

use crate::run::broker::Broker;
use crate::run::probe::{self, NotReady, Probe};
use crate::run::supervise::{Process, SpawnError, State};
use crate::terminal::Progress;

/// No part has that name.
#[derive(Debug, thiserror::Error)]
#[error("there is no part `{0}`; the parts are {1}")]
pub struct NoPart(String, String);

/// Why a part was not started, killed or waited for.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// No part has that name.
    #[error(transparent)]
    NoPart(#[from] NoPart),
    /// It runs elsewhere.
    #[error("{0} was not started here, so it is not killed or restarted from here")]
    NotOurs(&'static str),
    /// It was waited for in vain.
    #[error("{part} {why}")]
    NotReady {
        /// Which.
        part: &'static str,
        /// Why.
        why: NotReady,
    },
    /// It could not be done.
    #[error(transparent)]
    Spawn(#[from] SpawnError),
}

/// One part.
pub struct Part {
    name: &'static str,
    process: Option<Process>,
    probe: Probe,
}

/// A part as `GET /api/parts` shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PartView {
    /// Its name.
    pub name: &'static str,
    /// Whether it is ready.
    pub up: bool,
    /// Its process, if it runs and is ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// Since when it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// What is wrong, if it is not ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// The end of its output, if it ended.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub last_lines: Vec<String>,
}

impl Part {
    /// A process of ours.
    pub fn new(process: Process, probe: Probe) -> Self {
        Self { name: process.name(), process: Some(process), probe }
    }

    /// A part that is started by somebody else.
    pub const fn elsewhere(name: &'static str, probe: Probe) -> Self {
        Self { name, process: None, probe }
    }

    /// The broker, ours or not.
    pub(super) fn broker(broker: Broker, say: &Progress) -> Result<Self, SpawnError> {
        let probe = Probe::Kafka(broker.address);
        match broker.recipe {
            Some(recipe) => Ok(Self::new(Process::new(recipe, say.clone())?, probe)),
            None => Ok(Self::elsewhere("broker", probe)),
        }
    }

    /// How it is, asked now.
    pub async fn view(&self) -> PartView {
        let mut view =
            PartView { name: self.name, up: false, pid: None, since: None, trouble: None, last_lines: Vec::new() };
        match self.process.as_ref().map(Process::state) {
            Some(State::Idle) => view.trouble = Some("it was not started yet".to_owned()),
            Some(State::Ended { how, last_lines, .. }) => {
                view.trouble = Some(how);
                view.last_lines = last_lines;
            }
            running => {
                if let Some(State::Running { pid, since }) = running {
                    (view.pid, view.since) = (Some(pid), Some(since));
                }
                let answer = self.probe.check().await;
                view.up = answer.is_ok();
                view.trouble = answer.err();
            }
        }
        view
    }

    /// Starts it, if it is ours.
    pub(super) async fn start(&self) -> Result<(), Trouble> {
        match &self.process {
            Some(process) => Ok(process.start().await?),
            None => Ok(()),
        }
    }

    /// Waits until it is ready.
    pub(super) async fn until_ready(&self, patience: Duration) -> Result<(), Trouble> {
        let ready = probe::until(patience, self.process.as_ref(), || self.probe.check_start()).await;
        ready.map_err(|why| Trouble::NotReady { part: self.name, why })
    }

    /// SIGKILL.
    pub async fn kill(&self) -> Result<(), Trouble> {
        Ok(self.process.as_ref().ok_or(Trouble::NotOurs(self.name))?.kill().await?)
    }

    /// Stops it if it runs, and starts it as before.
    pub async fn restart(&self) -> Result<(), Trouble> {
        Ok(self.process.as_ref().ok_or(Trouble::NotOurs(self.name))?.restart().await?)
    }

    /// Stops it if it is ours and runs, and says whether it did.
    pub(super) async fn stop(&self) -> bool {
        let Some(process) = &self.process else { return false };
        let running = matches!(process.state(), State::Running { .. });
        process.stop().await;
        running
    }
}

/// All parts.
pub struct Parts {
    list: Vec<Part>,
    closing: AtomicBool,
}

impl Parts {
    /// These parts.
    pub const fn new(list: Vec<Part>) -> Self {
        Self { list, closing: AtomicBool::new(false) }
    }

    /// The part of that name.
    pub fn get(&self, name: &str) -> Result<&Part, NoPart> {
        let names = || self.list.iter().map(|part| part.name).collect::<Vec<_>>().join(", ");
        self.list.iter().find(|part| part.name == name).ok_or_else(|| NoPart(name.to_owned(), names()))
    }

    /// How each is, all asked now and at the same time.
    pub async fn view(&self) -> Vec<PartView> {
        join_all(self.list.iter().map(Part::view)).await
    }

    /// From now on the front door lets nobody in.
    pub fn close(&self) {
        self.closing.store(true, Ordering::Release);
    }

    /// Whether the front door lets nobody in.
    pub fn closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }
}
