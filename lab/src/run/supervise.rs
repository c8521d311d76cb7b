//! Child processes: started, watched, stopped, killed and restarted; every unexpected end is shown.

mod log;
mod process;
mod recipe;
mod spawner;

pub(crate) use process::children;
pub use process::{Process, State};
pub use recipe::Recipe;
pub(crate) use recipe::{find, run_to_end};

use std::path::PathBuf;

/// Why a child could not be started.
#[derive(Debug, thiserror::Error)]
pub enum SpawnError {
    /// The program does not exist.
    #[error("{0} is not there; `cargo build --workspace` builds it")]
    NoProgram(PathBuf),
    /// It runs already.
    #[error("{0} runs already")]
    Running(String),
    /// It cannot be killed, because it does not run.
    #[error("{0} does not run")]
    NotRunning(String),
    /// Its log cannot be written.
    #[error("the log {0} cannot be written: {1}")]
    Log(PathBuf, std::io::Error),
    /// The system refused.
    #[error("{0} could not be started: {1}")]
    Refused(String, std::io::Error),
}
