//! One child process over its restarts.

use std::fs;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::PoisonError;
use std::time::Duration;

use domain::Timestamp;
use runtime::clock;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tokio::process::Child;
use tokio::sync::{Mutex, mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until, timeout};

use super::log::Log;
use super::{Recipe, SpawnError, spawner};
use crate::terminal::Progress;

/// The number of output lines that are shown of a dead child.
const LAST_LINES: usize = 12;

/// The state of a child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It was not started yet.
    Idle,
    /// It runs.
    Running {
        /// Its process id.
        pid: u32,
        /// When it was started.
        since: Timestamp,
        /// Whether it is paused.
        paused: bool,
    },
    /// It ended.
    Ended {
        /// Exit status or signal, in words.
        how: String,
        /// Whether it was stopped or killed from here.
        requested: bool,
        /// The end of its output.
        last_lines: Vec<String>,
    },
}

/// A child that can be started, stopped, killed and restarted. Dropping it kills it.
pub struct Process {
    recipe: Recipe,
    log: Log,
    progress: Progress,
    state: watch::Sender<State>,
    /// To the task that watches the running child; locked while the child starts.
    requests: Mutex<Option<mpsc::Sender<Request>>>,
    /// Addresses that its arguments name, each with the address that it uses instead.
    detours: std::sync::Mutex<Vec<(String, String)>>,
}

#[derive(Debug)]
enum Request {
    Stop,
    Kill,
    Pause,
    Resume,
}

impl Process {
    /// A child that is not started yet; `progress` shows an unexpected end.
    pub fn new(recipe: Recipe, progress: Progress) -> Result<Self, SpawnError> {
        let log = Log::begin(&recipe.log).map_err(|why| SpawnError::Log(recipe.log.clone(), why))?;
        let (state, requests, detours) = (watch::Sender::new(State::Idle), Mutex::default(), Default::default());
        Ok(Self { recipe, log, progress, state, requests, detours })
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        self.recipe.name
    }

    /// Its state.
    pub fn state(&self) -> State {
        self.state.borrow().clone()
    }

    /// Starts it.
    pub async fn start(&self) -> Result<(), SpawnError> {
        let mut requests = self.requests.lock().await;
        if matches!(self.state(), State::Running { .. }) {
            return Err(SpawnError::Running(self.recipe.name.to_owned()));
        }
        if !self.recipe.program_exists() {
            return Err(SpawnError::NoProgram(self.recipe.program.clone()));
        }
        let refused = |why: io::Error| SpawnError::Refused(self.recipe.name.to_owned(), why);
        let (output, input) = io::pipe().map_err(refused)?;
        let mut command = self.recipe.command(&self.detours.lock().unwrap_or_else(PoisonError::into_inner));
        command.stdout(input.try_clone().map_err(refused)?).stderr(input);
        let child = spawner::spawn(command).await.map_err(refused)?;
        self.log.forget_tail();
        let output_end = self.log.pump(output);
        let (sender, receiver) = mpsc::channel(4);
        *requests = Some(sender);
        self.state.send_replace(State::Running {
            pid: child.id().unwrap_or_default(),
            since: clock::now(),
            paused: false,
        });
        let life = Life { child, requests: receiver, output_end, grace: self.recipe.grace };
        tokio::spawn(life.watch(self.recipe.clone(), self.log.clone(), self.progress.clone(), self.state.clone()));
        Ok(())
    }

    /// Sends SIGTERM, and SIGKILL after the grace time; returns when it has ended, at once if it does not run.
    pub async fn stop(&self) {
        self.request(Request::Stop).await;
        self.ended().await;
    }

    /// Sends SIGKILL; returns when it has ended.
    pub async fn kill(&self) -> Result<(), SpawnError> {
        let running = matches!(self.state(), State::Running { .. });
        self.request(Request::Kill).await;
        self.ended().await;
        if running { Ok(()) } else { Err(SpawnError::NotRunning(self.recipe.name.to_owned())) }
    }

    /// Stops its execution with SIGSTOP, or goes on with SIGCONT; returns when the state shows it.
    pub async fn set_paused(&self, paused: bool) -> Result<(), SpawnError> {
        let is_done = |state: &State| !matches!(state, State::Running { paused: now, .. } if *now != paused);
        self.request(if paused { Request::Pause } else { Request::Resume }).await;
        drop(self.state.subscribe().wait_for(is_done).await);
        match self.state() {
            State::Running { .. } => Ok(()),
            _ => Err(SpawnError::NotRunning(self.recipe.name.to_owned())),
        }
    }

    /// From its next start on, it connects to the second address instead of the first.
    pub fn add_detour(&self, detour: (String, String)) {
        let mut detours = self.detours.lock().unwrap_or_else(PoisonError::into_inner);
        detours.retain(|(from, _)| *from != detour.0);
        detours.push(detour);
    }

    /// Stops it if it runs, and starts it in the same way as before.
    pub async fn restart(&self) -> Result<(), SpawnError> {
        self.stop().await;
        self.start().await
    }

    /// Resolves when it does not run.
    pub async fn ended(&self) {
        // The sender lives in self, so the wait cannot fail.
        drop(self.state.subscribe().wait_for(|state| !matches!(state, State::Running { .. })).await);
    }

    async fn request(&self, request: Request) {
        let requests = self.requests.lock().await.clone();
        if let Some(requests) = requests {
            // A child that has ended meanwhile takes no requests, and needs none.
            drop(requests.send(request).await);
        }
    }
}

/// One run of a child. Only the watcher signals and reaps the child, so a signal never reaches another process that
/// was given the same id.
struct Life {
    child: Child,
    requests: mpsc::Receiver<Request>,
    output_end: oneshot::Receiver<()>,
    grace: Duration,
}

impl Life {
    async fn watch(mut self, recipe: Recipe, log: Log, progress: Progress, state: watch::Sender<State>) {
        let mut requested = false;
        let mut deadline = None;
        let status = loop {
            tokio::select! {
                status = self.child.wait() => break status,
                request = self.requests.recv() => {
                    if let Some(pause @ (Request::Pause | Request::Resume)) = request {
                        self.set_paused(matches!(pause, Request::Pause), &state);
                        continue;
                    }
                    let gentle = matches!(request, Some(Request::Stop));
                    self.signal(if gentle { Signal::TERM } else { Signal::KILL });
                    // A paused process gets SIGTERM only when it goes on.
                    self.set_paused(false, &state);
                    deadline = (gentle && !requested).then(|| Instant::now() + self.grace).or(deadline);
                    requested = true;
                    if request.is_none() {
                        break self.child.wait().await;
                    }
                }
                () = sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => {
                    progress(&format!("{} did not stop within {} s and is killed", recipe.name, self.grace.as_secs()));
                    self.signal(Signal::KILL);
                    deadline = None;
                }
            }
        };
        // The last output may still be in the pipe. A grandchild that holds the pipe open must not delay the end.
        drop(timeout(Duration::from_millis(500), self.output_end).await);
        let how = describe(status);
        let last_lines = log.last_lines(LAST_LINES);
        if !requested {
            let lines: String = last_lines.iter().map(|line| format!("\n  | {line}")).collect();
            let heading = if lines.is_empty() { "It printed nothing" } else { "Its last lines" };
            progress(&format!("{} died: {how}. {heading} (all in {}):{lines}", recipe.name, recipe.log.display()));
        }
        state.send_replace(State::Ended { how, requested, last_lines });
    }

    fn set_paused(&self, pause: bool, state: &watch::Sender<State>) {
        self.signal(if pause { Signal::STOP } else { Signal::CONT });
        state.send_modify(|state| {
            if let State::Running { paused, .. } = state {
                *paused = pause;
            }
        });
    }

    fn signal(&self, signal: Signal) {
        let id = self.child.id();
        if let (Some(id), Some(group)) = (id, id.and_then(pid)) {
            // Signals fail only where the processes are gone; the watcher is about to notice that.
            if signal == Signal::TERM {
                let _ = kill_process_group(group, signal);
                return;
            }
            // PostgreSQL's children leave the group. A stopped parent neither reaps nor makes any, so these ids are right.
            let _ = kill_process_group(group, Signal::STOP);
            for child in children(id).into_iter().filter_map(pid) {
                let _ = kill_process(child, signal);
            }
            let _ = kill_process_group(group, signal);
        }
    }
}

fn pid(id: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(id).ok()?)
}

pub(crate) fn children(parent: u32) -> Vec<u32> {
    let list = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap_or_default();
    list.split_whitespace().filter_map(|child| child.parse().ok()).collect()
}

fn describe(status: io::Result<ExitStatus>) -> String {
    match status {
        Ok(status) if status.signal().is_some() => format!("killed by {status}"),
        Ok(status) => format!("ended with {status}"),
        Err(error) => format!("its end could not be observed: {error}"),
    }
}
