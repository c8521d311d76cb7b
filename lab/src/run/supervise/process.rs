//! One child over its several lives.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

use domain::Timestamp;
use runtime::clock;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::Child;
use tokio::sync::{Mutex, mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until, timeout};

use super::log::Log;
use super::{Recipe, SpawnError, spawner};
use crate::terminal::Progress;

/// Lines of a dead child's output to show.
const LAST_LINES: usize = 12;

/// What a child is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It was not started yet.
    Idle,
    /// It runs.
    Running {
        /// Its process id.
        pid: u32,
        /// Since when.
        since: Timestamp,
    },
    /// It ended.
    Ended {
        /// Exit status or signal, in words.
        how: String,
        /// Whether it was told to.
        asked: bool,
        /// The end of its output.
        last_lines: Vec<String>,
    },
}

/// A child that is started, watched, stopped, killed and started again. Dropping it kills it.
pub struct Process {
    recipe: Recipe,
    log: Log,
    say: Progress,
    state: watch::Sender<State>,
    /// To the task that watches the present life; locked while a life begins.
    orders: Mutex<Option<mpsc::Sender<Order>>>,
}

#[derive(Debug)]
enum Order {
    Stop,
    Kill,
}

impl Process {
    /// A child that is not started yet; `say` is told when it dies unasked.
    pub fn new(recipe: Recipe, say: Progress) -> Result<Self, SpawnError> {
        let log = Log::begin(&recipe.log).map_err(|why| SpawnError::Log { path: recipe.log.clone(), why })?;
        Ok(Self { recipe, log, say, state: watch::Sender::new(State::Idle), orders: Mutex::new(None) })
    }

    /// What it is called.
    pub fn name(&self) -> &'static str {
        self.recipe.name
    }

    /// What it is doing.
    pub fn state(&self) -> State {
        self.state.borrow().clone()
    }

    /// Starts it.
    pub async fn start(&self) -> Result<(), SpawnError> {
        let mut orders = self.orders.lock().await;
        if matches!(self.state(), State::Running { .. }) {
            return Err(SpawnError::Running(self.recipe.name.to_owned()));
        }
        if !self.recipe.program_exists() {
            return Err(SpawnError::NoProgram(self.recipe.program.clone()));
        }
        let refused = |why: io::Error| SpawnError::Refused { name: self.recipe.name.to_owned(), why };
        let (output, input) = io::pipe().map_err(refused)?;
        let mut command = self.recipe.command();
        command.stdout(input.try_clone().map_err(refused)?).stderr(input);
        let child = spawner::spawn(command).await.map_err(refused)?;
        self.log.forget_tail();
        let output_end = self.log.pump(output);
        let (sender, receiver) = mpsc::channel(4);
        *orders = Some(sender);
        self.state.send_replace(State::Running { pid: child.id().unwrap_or_default(), since: clock::now() });
        let life = Life { child, orders: receiver, output_end, grace: self.recipe.grace };
        tokio::spawn(life.watch(self.recipe.clone(), self.log.clone(), self.say.clone(), self.state.clone()));
        Ok(())
    }

    /// SIGTERM, the grace time, then SIGKILL; returns when it has ended, at once if it does not run.
    pub async fn stop(&self) {
        self.order(Order::Stop).await;
    }

    /// SIGKILL; returns when it has ended.
    pub async fn kill(&self) -> Result<(), SpawnError> {
        let running = matches!(self.state(), State::Running { .. });
        self.order(Order::Kill).await;
        if running { Ok(()) } else { Err(SpawnError::NotRunning(self.recipe.name.to_owned())) }
    }

    /// Stops it if it runs, and starts it in the same way as before.
    pub async fn restart(&self) -> Result<(), SpawnError> {
        self.stop().await;
        self.start().await
    }

    /// Resolves when it does not run (any more).
    pub async fn ended(&self) {
        // The sender lives in self, so the wait cannot fail.
        drop(self.state.subscribe().wait_for(|state| !matches!(state, State::Running { .. })).await);
    }

    async fn order(&self, order: Order) {
        let orders = self.orders.lock().await.clone();
        if let Some(orders) = orders {
            // One that ended meanwhile hears nothing, and needs not.
            drop(orders.send(order).await);
        }
        self.ended().await;
    }
}

/// One life of a child. Only its watcher signals the child and only its watcher reaps it, so that a signal never
/// reaches another process that was given the same id.
struct Life {
    child: Child,
    orders: mpsc::Receiver<Order>,
    output_end: oneshot::Receiver<()>,
    grace: Duration,
}

impl Life {
    async fn watch(mut self, recipe: Recipe, log: Log, say: Progress, state: watch::Sender<State>) {
        let mut asked = false;
        let mut patience = None;
        let status = loop {
            tokio::select! {
                status = self.child.wait() => break status,
                order = self.orders.recv() => {
                    let gentle = matches!(order, Some(Order::Stop));
                    self.signal(if gentle { Signal::TERM } else { Signal::KILL });
                    patience = (gentle && !asked).then(|| Instant::now() + self.grace).or(patience);
                    asked = true;
                    if order.is_none() {
                        break self.child.wait().await;
                    }
                }
                () = sleep_until(patience.unwrap_or_else(Instant::now)), if patience.is_some() => {
                    say(&format!("{} did not stop within {} s and is killed", recipe.name, self.grace.as_secs()));
                    self.signal(Signal::KILL);
                    patience = None;
                }
            }
        };
        // What it said last may still be on its way; a grandchild that holds the pipe must not hold us.
        drop(timeout(Duration::from_millis(500), self.output_end).await);
        let how = describe(status);
        let last_lines = log.last_lines(LAST_LINES);
        if !asked {
            let lines: String = last_lines.iter().map(|line| format!("\n  | {line}")).collect();
            let heading = if lines.is_empty() { "It said nothing" } else { "Its last lines" };
            say(&format!("{} died: {how}. {heading} (all in {}):{lines}", recipe.name, recipe.log.display()));
        }
        state.send_replace(State::Ended { how, asked, last_lines });
    }

    fn signal(&self, signal: Signal) {
        let pid = self.child.id().and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw);
        if let Some(group) = pid {
            // It fails only where the group is gone, which is what was wanted or is about to be noticed.
            let _ = kill_process_group(group, signal);
        }
    }
}

fn describe(status: io::Result<ExitStatus>) -> String {
    match status {
        Ok(status) if status.signal().is_some() => format!("killed by {status}"),
        Ok(status) => format!("ended with {status}"),
        Err(error) => format!("its end could not be observed: {error}"),
    }
}
