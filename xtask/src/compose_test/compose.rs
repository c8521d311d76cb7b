//! docker-compose.yml, and the programs that understand it.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::tools;
use crate::workspace::{command, root};

/// All that not everybody starts.
const PROFILES: [&str; 4] = ["--profile", "observability", "--profile", "simulate"];

/// docker-compose.yml, as the argument of a program.
pub(super) fn compose_file() -> PathBuf {
    root().join("docker-compose.yml")
}

/// A program that understands docker-compose.yml.
pub(super) struct Compose {
    program: PathBuf,
    /// As people say it.
    pub(super) name: &'static str,
}

impl Compose {
    /// What Debian has: it came before the Compose specification.
    pub(super) fn debians() -> Self {
        Self { program: "docker-compose".into(), name: "Compose 1.29" }
    }

    /// The one behind `docker compose`.
    pub(super) fn of_today() -> Result<Self> {
        Ok(Self { program: tools::compose_v2()?, name: "Compose 2" })
    }

    /// It, with docker-compose.yml and all that it can start.
    pub(super) fn command(&self) -> Command {
        let mut compose = command(&self.program);
        compose.arg("--file").arg(compose_file()).args(["--project-name", "ese"]).args(PROFILES);
        compose
    }
}
