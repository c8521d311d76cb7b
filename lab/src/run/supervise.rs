//! Child processes: started, watched, stopped, killed and started again, never silently.

mod log;
mod process;
mod recipe;
mod spawner;

pub use process::{Process, State};
pub use recipe::Recipe;
pub(crate) use recipe::find;

use std::path::PathBuf;

/// Why a child could not be started.
#[derive(Debug, thiserror::Error)]
pub enum SpawnError {
    /// The program is not where it should be.
    #[error("{0} is not there; `cargo build --workspace` builds it")]
    NoProgram(PathBuf),
    /// It runs already.
    #[error("{0} runs already")]
    Running(String),
    /// It was to be killed or stopped, and does not run.
    #[error("{0} does not run")]
    NotRunning(String),
    /// Its log cannot be written.
    #[error("the log {path} cannot be written: {why}")]
    Log {
        /// The log.
        path: PathBuf,
        /// Why.
        why: std::io::Error,
    },
    /// The system refused.
    #[error("{name} could not be started: {why}")]
    Refused {
        /// The child.
        name: String,
        /// Why.
        why: std::io::Error,
    },
}
