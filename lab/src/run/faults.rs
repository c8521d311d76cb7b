//! Faults that are started on a running stack and always undone: one at a time for each kind and part or connection.

mod button_labels;
pub mod expectations;
pub(crate) mod injected;
pub mod kinds;
pub mod link;

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use domain::api::faults::{ActiveFault, FaultDescription, FaultRequest, MAX_FAULT_SECONDS};
use runtime::clock;
use runtime::injected_bug::InjectedBug;
use runtime::injected_fault::InjectedFaults;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use crate::run::part::{PartError, Parts};
use expectations::{Setting, describe};
use injected::FaultFiles;
use kinds::Kind;
use link::{Condition, Link};

/// The time until a part must be ready again after its restart.
const READY: Duration = Duration::from_secs(30);
/// The time until a part must have applied the faults in its file; a paused part applies them when it goes on.
const APPLIED: Duration = Duration::from_secs(2);

/// Why a fault was not started or ended.
#[derive(Debug, thiserror::Error)]
pub enum FaultError {
    /// No such fault.
    #[error("There is no fault `{0}` on `{1}` here. GET /api/faults and `ese fault list` show all faults.")]
    Unknown(String, String),
    /// A parameter that the fault does not have.
    #[error("The fault `{0}` has no parameter `{1}`.")]
    UnknownParameter(&'static str, String),
    /// A parameter out of bounds.
    #[error("`{0}` must be a whole number from {1} to {2}.")]
    OutOfBounds(String, u32, u32),
    /// The same fault is active already.
    #[error("The fault `{0}` on `{1}` is active already, as number {2}. End it first.")]
    Active(&'static str, String, u64),
    /// The part does not run, so it can be neither killed, stopped nor paused.
    #[error("`{0}` is down already.")]
    Down(String),
    /// The part must restart for this fault, and it is paused.
    #[error("`{0}` is paused, and the first fault of this connection restarts it. End the pause first.")]
    Paused(&'static str),
    /// No active fault has this number.
    #[error("No active fault has the number {0}; it may have ended already.")]
    NotActive(u64),
    /// A part could not be killed, paused, started or resumed.
    #[error(transparent)]
    Part(#[from] PartError),
    /// The proxy or the file of faults could not be made.
    #[error("The fault could not be started or ended: {0}")]
    Io(#[from] io::Error),
}

/// The faults of one stack.
#[derive(Clone)]
pub struct Faults(Arc<Inner>);

struct Inner {
    parts: Arc<Parts>,
    links: Vec<Arc<Link>>,
    files: FaultFiles,
    descriptions: Vec<FaultDescription>,
    /// Locked while a fault starts or ends, so that none is half started.
    active: Mutex<Active>,
    close: CancellationToken,
}

#[derive(Default)]
struct Active {
    last: u64,
    faults: Vec<(Kind, ActiveFault)>,
}

impl Faults {
    /// The faults of these parts and connections; removes those that an earlier run left in `files`. Every part has `bug`.
    pub fn new(
        parts: Arc<Parts>,
        links: Vec<Arc<Link>>,
        files: PathBuf,
        setting: Setting,
        bug: Option<InjectedBug>,
    ) -> io::Result<Self> {
        let files = FaultFiles::start(files, bug, parts.own())?;
        let mut descriptions = Vec::new();
        for &kind in Kind::value_variants() {
            let targets: Vec<&str> = match kind {
                Kind::Kill | Kind::Pause => parts.own().collect(),
                Kind::Stop | Kind::SlowEvents => parts.own().filter(|part| part.starts_with("consumer")).collect(),
                Kind::SlowCommits => {
                    parts.own().filter(|part| *part == "backend" || part.starts_with("consumer")).collect()
                }
                Kind::MailLater | Kind::MailRefused | Kind::SlowMail => vec!["inbox"],
                Kind::Latency | Kind::Bandwidth | Kind::Reset | Kind::Cut => {
                    links.iter().map(|link| link.name).collect()
                }
            };
            descriptions.extend(targets.into_iter().map(|target| describe(kind, target, setting)));
        }
        let (active, close) = (Mutex::default(), CancellationToken::new());
        Ok(Self(Arc::new(Inner { parts, links, files, descriptions, active, close })))
    }

    /// All faults of this stack.
    pub fn descriptions(&self) -> &[FaultDescription] {
        &self.0.descriptions
    }

    /// The active ones, oldest first.
    pub async fn active(&self) -> Vec<ActiveFault> {
        self.0.active.lock().await.faults.iter().map(|(_, fault)| fault.clone()).collect()
    }

    /// Starts a fault; when this returns it is in effect.
    pub async fn start(&self, request: FaultRequest) -> Result<ActiveFault, FaultError> {
        let (kind, parameters) = self.check(&request)?;
        let mut active = self.0.active.lock().await;
        let same = |(other, fault): &&(Kind, ActiveFault)| *other == kind && fault.target == request.target;
        if let Some((_, fault)) = active.faults.iter().find(same) {
            return Err(FaultError::Active(kind.name(), request.target, fault.id));
        }
        let (id, since) = (active.last + 1, clock::now());
        let until = request.seconds.map(|seconds| since.plus_millis(i64::from(seconds) * 1000));
        let fault = ActiveFault { id, kind: request.kind, target: request.target, parameters, since, until };
        let new = (kind, fault.clone());
        self.begin(&new, &active.faults).await?;
        active.last = id;
        // A killed or stopped process is not paused any more.
        let paused = |(other, fault): &(Kind, ActiveFault)| *other == Kind::Pause && fault.target == new.1.target;
        active.faults.retain(|other| !matches!(kind, Kind::Kill | Kind::Stop) || !paused(other));
        active.faults.push(new);
        if let Some(seconds) = request.seconds {
            self.end_after(id, Duration::from_secs(seconds.into()));
        }
        Ok(fault)
    }

    /// Ends a fault; when this returns its part is started again or resumed, though it may not be ready yet.
    pub async fn stop(&self, id: u64) -> Result<(), FaultError> {
        let mut active = self.0.active.lock().await;
        let index = active.faults.iter().position(|(_, fault)| fault.id == id).ok_or(FaultError::NotActive(id))?;
        let fault = active.faults.remove(index);
        let ended = self.end(&fault, &active.faults).await;
        if ended.is_err() {
            // It is still active, so that another try is possible.
            active.faults.insert(index, fault);
        }
        ended
    }

    /// Ends all faults, the newest first, and starts the parts that have died by themselves; goes on after an error, and
    /// returns the first one.
    pub async fn restore(&self) -> Result<(), FaultError> {
        let mut outcome = Ok(());
        for fault in self.active().await.into_iter().rev() {
            match self.stop(fault.id).await {
                // Its time was over first.
                Ok(()) | Err(FaultError::NotActive(_)) => {}
                Err(error) => outcome = outcome.and(Err(error)),
            }
        }
        // No fault starts meanwhile.
        let _active = self.0.active.lock().await;
        for part in self.0.parts.dead() {
            outcome = outcome.and(part.start().await.map_err(FaultError::from));
        }
        outcome
    }

    /// The kind and all parameters of a request.
    fn check(&self, request: &FaultRequest) -> Result<(Kind, BTreeMap<String, u32>), FaultError> {
        let FaultRequest { kind, target, parameters, seconds } = request;
        let known = self.0.descriptions.iter().find(|fault| fault.kind == *kind && fault.target == *target);
        let named = Kind::value_variants().iter().copied().find(|known| known.name() == kind);
        let (Some(fault), Some(kind)) = (known, named) else {
            let short = |text: &str| text.chars().take(50).collect();
            return Err(FaultError::Unknown(short(kind), short(target)));
        };
        if let Some(name) = parameters.keys().find(|name| fault.parameters.iter().all(|known| known.name != **name)) {
            return Err(FaultError::UnknownParameter(kind.name(), name.chars().take(50).collect()));
        }
        let mut values = BTreeMap::new();
        for parameter in &fault.parameters {
            let value = parameters.get(&parameter.name).copied().unwrap_or(parameter.default);
            if !(parameter.least..=parameter.most).contains(&value) {
                return Err(FaultError::OutOfBounds(parameter.name.clone(), parameter.least, parameter.most));
            }
            values.insert(parameter.name.clone(), value);
        }
        if seconds.is_some_and(|seconds| !(1..=MAX_FAULT_SECONDS).contains(&seconds)) {
            return Err(FaultError::OutOfBounds("seconds".to_owned(), 1, MAX_FAULT_SECONDS));
        }
        Ok((kind, values))
    }

    /// Puts a fault into effect; `active` are the others.
    async fn begin(&self, new: &(Kind, ActiveFault), active: &[(Kind, ActiveFault)]) -> Result<(), FaultError> {
        let Inner { parts, links, .. } = &*self.0;
        let (kind, ActiveFault { target, .. }) = new;
        match kind {
            Kind::Kill | Kind::Stop | Kind::Pause if !parts.runs(target) => {
                return Err(FaultError::Down(target.clone()));
            }
            Kind::Kill => parts.get(target)?.kill().await?,
            Kind::Stop => _ = parts.get(target)?.stop().await,
            Kind::Pause => parts.get(target)?.set_paused(true).await?,
            _ => {
                if let Some(link) = links.iter().find(|link| link.name == *target) {
                    let paused = |(kind, fault): &&(Kind, ActiveFault)| {
                        *kind == Kind::Pause && link.from == Some(&*fault.target)
                    };
                    if let (Some(from), Some(_), false) = (link.from, active.iter().find(paused), link.is_open()) {
                        return Err(FaultError::Paused(from));
                    }
                    self.detour(link).await?;
                }
                self.apply(target, active.iter().chain([new]))?;
                self.until_applied(target).await;
            }
        }
        Ok(())
    }

    /// Ends the effect of a fault; `active` are the others.
    async fn end(&self, (kind, fault): &(Kind, ActiveFault), active: &[(Kind, ActiveFault)]) -> Result<(), FaultError> {
        let Inner { parts, .. } = &*self.0;
        let runs = parts.runs(&fault.target);
        match kind {
            Kind::Kill | Kind::Stop if !runs => parts.get(&fault.target)?.start().await?,
            Kind::Pause if runs => parts.get(&fault.target)?.set_paused(false).await?,
            // Something else has started or ended the part meanwhile.
            Kind::Kill | Kind::Stop | Kind::Pause => {}
            _ => {
                self.apply(&fault.target, active.iter())?;
                self.until_applied(&fault.target).await;
            }
        }
        Ok(())
    }

    /// Sends a connection through its proxy. The first time its part restarts, to connect there.
    async fn detour(&self, link: &Link) -> Result<(), FaultError> {
        if !link.open().await? {
            return Ok(());
        }
        // The front door connects there from now on.
        let Some(from) = link.from else { return Ok(()) };
        let part = self.0.parts.get(from)?;
        part.add_detour((link.direct.clone(), link.proxies()));
        if self.0.parts.runs(from) {
            part.restart().await?;
            part.until_ready(READY).await?;
        }
        Ok(())
    }

    /// Applies the sum of these faults, as far as they are of this connection or inside this part.
    fn apply<'a>(&self, target: &str, active: impl Iterator<Item = &'a (Kind, ActiveFault)>) -> io::Result<()> {
        let faults = active.filter(|(_, fault)| fault.target == target);
        if let Some(link) = self.0.links.iter().find(|link| link.name == target) {
            let mut condition = Condition::default();
            faults.for_each(|(kind, fault)| condition.add(*kind, &fault.parameters));
            link.set(condition);
            return Ok(());
        }
        let mut injected = InjectedFaults::default();
        faults.for_each(|(kind, fault)| injected::add(&mut injected, *kind, &fault.parameters));
        self.0.files.write(target, injected)
    }

    async fn until_applied(&self, part: &str) {
        let Inner { parts, files, .. } = &*self.0;
        let applied = async {
            while parts.runs(part) && !files.are_applied(part) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        drop(tokio::time::timeout(APPLIED, applied).await);
    }

    fn end_after(&self, id: u64, time: Duration) {
        let faults = self.clone();
        tokio::spawn(async move {
            let ended = faults.0.close.run_until_cancelled(tokio::time::sleep(time)).await;
            if ended.is_some()
                && let Err(error) = faults.stop(id).await
            {
                tracing::warn!(%error, id, "a fault did not end in time");
            }
        });
    }

    /// Ends no fault, but starts and ends none from now on by itself: the stack stops.
    pub(super) fn close(&self) {
        self.0.close.cancel();
    }
}
