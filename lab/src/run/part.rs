//! The parts of the stack: each is a child process, or a broker that runs elsewhere.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::Timestamp;
use futures_util::future::join_all;
use runtime::kafka::Cluster;
use serde::Serialize;

use crate::run::broker::{BROKER, Broker};
use crate::run::probe::{self, Probe};
use crate::run::supervise::{Process, SpawnError, State};
use crate::terminal::Progress;

/// The time until a part that runs elsewhere must answer.
const ELSEWHERE: Duration = Duration::from_secs(15);

/// Why a part was not started, killed or waited for.
#[derive(Debug, thiserror::Error)]
pub enum PartError {
    /// No part has that name.
    #[error("there is no part `{0}`; the parts are {1}")]
    NoPart(String, String),
    /// It runs elsewhere.
    #[error("{0} was not started here, so it is not killed or restarted from here")]
    NotOurs(&'static str),
    /// It did not get ready.
    #[error("{0} {1}")]
    NotReady(&'static str, String),
    /// The process could not be started, stopped or killed.
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PartView {
    /// Its name.
    pub name: &'static str,
    /// Whether it is ready.
    pub up: bool,
    /// Its process id, if it runs here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// When it was started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// The reason, if it is not ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// The end of its output, if it ended.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub last_lines: Vec<String>,
}

impl Part {
    /// A part with a process of its own.
    pub fn new(process: Process, probe: Probe) -> Self {
        Self { name: process.name(), process: Some(process), probe }
    }

    /// A part that runs elsewhere.
    pub const fn elsewhere(name: &'static str, probe: Probe) -> Self {
        Self { name, process: None, probe }
    }

    /// The broker, which may run elsewhere, or those of a cluster.
    pub(super) fn brokers(
        broker: Broker,
        cluster: impl Fn(&str) -> Cluster,
        progress: &Progress,
    ) -> Result<Vec<Self>, SpawnError> {
        let probe = |address: &str| Probe::Kafka(cluster(address));
        if broker.nodes.is_empty() {
            return Ok(vec![Self::elsewhere(BROKER, probe(&broker.address))]);
        }
        let part =
            |(recipe, address): (_, String)| Ok(Self::new(Process::new(recipe, progress.clone())?, probe(&address)));
        broker.nodes.into_iter().map(part).collect()
    }

    pub(super) const fn name(&self) -> &'static str {
        self.name
    }

    /// Its process id, if it runs here.
    pub(super) fn pid(&self) -> Option<u32> {
        let process = self.process.as_ref()?;
        if let State::Running { pid, .. } = process.state() { Some(pid) } else { None }
    }

    /// Its present state.
    pub async fn view(&self) -> PartView {
        let mut view = PartView { name: self.name, ..PartView::default() };
        match self.process.as_ref().map(Process::state) {
            Some(State::Idle) => view.trouble = Some("it was not started yet".to_owned()),
            Some(State::Ended { how, last_lines, .. }) => {
                view.trouble = Some(how);
                view.last_lines = last_lines;
            }
            running => {
                if let Some(State::Running { pid, since, paused }) = running {
                    (view.pid, view.since) = (Some(pid), Some(since));
                    if paused {
                        view.trouble = Some("it is paused".to_owned());
                        return view;
                    }
                }
                let answer = self.probe.check(false).await;
                view.up = answer.is_ok();
                view.trouble = answer.err();
            }
        }
        view
    }

    /// Starts its process, if it has one.
    pub(super) async fn start(&self) -> Result<(), PartError> {
        match &self.process {
            Some(process) => Ok(process.start().await?),
            None => Ok(()),
        }
    }

    pub(super) async fn until_ready(&self, timeout: Duration) -> Result<(), PartError> {
        // One that runs elsewhere is there already.
        let timeout = if self.process.is_some() { timeout } else { timeout.min(ELSEWHERE) };
        let ready = probe::until(timeout, self.process.as_ref(), || self.probe.check(true)).await;
        ready.map_err(|why| PartError::NotReady(self.name, why))
    }

    /// Kills it with SIGKILL.
    pub async fn kill(&self) -> Result<(), PartError> {
        Ok(self.process.as_ref().ok_or(PartError::NotOurs(self.name))?.kill().await?)
    }

    /// Pauses its process with SIGSTOP, or resumes it.
    pub async fn set_paused(&self, paused: bool) -> Result<(), PartError> {
        Ok(self.process.as_ref().ok_or(PartError::NotOurs(self.name))?.set_paused(paused).await?)
    }

    /// From its next start on, it connects to the second address instead of the first.
    pub(super) fn add_detour(&self, detour: (String, String)) {
        if let Some(process) = &self.process {
            process.add_detour(detour);
        }
    }

    /// Stops it if it runs, and starts it as before.
    pub async fn restart(&self) -> Result<(), PartError> {
        Ok(self.process.as_ref().ok_or(PartError::NotOurs(self.name))?.restart().await?)
    }

    /// Stops it if it runs here; returns whether it ran.
    pub async fn stop(&self) -> bool {
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
    /// A list of parts.
    pub const fn new(list: Vec<Part>) -> Self {
        Self { list, closing: AtomicBool::new(false) }
    }

    /// The part of that name.
    pub fn get(&self, name: &str) -> Result<&Part, PartError> {
        let names = || self.list.iter().map(|part| part.name).collect::<Vec<_>>().join(", ");
        self.list.iter().find(|part| part.name == name).ok_or_else(|| PartError::NoPart(name.to_owned(), names()))
    }

    /// The names of those that run here.
    pub fn own(&self) -> impl Iterator<Item = &'static str> {
        self.list.iter().filter(|part| part.process.is_some()).map(|part| part.name)
    }

    /// Whether the process of that name runs here.
    pub fn runs(&self, name: &str) -> bool {
        self.pid(name).is_some()
    }

    /// The process id of the part of that name, if it runs here.
    pub fn pid(&self, name: &str) -> Option<u32> {
        self.list.iter().find(|part| part.name == name)?.pid()
    }

    /// Those whose process has ended.
    pub(super) fn dead(&self) -> impl Iterator<Item = &Part> {
        let ended =
            |part: &&Part| part.process.as_ref().is_some_and(|process| matches!(process.state(), State::Ended { .. }));
        self.list.iter().filter(ended)
    }

    /// The present state of each; all are asked at the same time.
    pub async fn view(&self) -> Vec<PartView> {
        join_all(self.list.iter().map(Part::view)).await
    }

    /// From now on the front door refuses all requests.
    pub fn close(&self) {
        self.closing.store(true, Ordering::Release);
    }

    /// Whether the front door refuses all requests.
    pub fn closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }
}
