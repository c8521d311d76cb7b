//! docker-compose.yml, and the programs that read it.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::tools;
use crate::workspace::{command, root};

/// All profiles.
const PROFILES: [&str; 4] = ["--profile", "observability", "--profile", "simulate"];

/// docker-compose.yml, as the argument of a program.
pub(super) fn compose_file() -> PathBuf {
    root().join("docker-compose.yml")
}

/// A program that reads docker-compose.yml.
pub(super) struct Compose {
    program: PathBuf,
    /// Its name in the output.
    pub(super) name: &'static str,
}

impl Compose {
    /// Debian's version, older than the Compose specification.
    pub(super) fn debians() -> Self {
        Self { program: "docker-compose".into(), name: "Compose 1.29" }
    }

    /// The version behind `docker compose`.
    pub(super) fn of_today() -> Result<Self> {
        Ok(Self { program: tools::compose_v2()?, name: "Compose 2" })
    }

    /// The command, with docker-compose.yml and all profiles.
    pub(super) fn command(&self) -> Command {
        let mut compose = command(&self.program);
        compose.arg("--file").arg(compose_file()).args(["--project-name", "ese"]).args(PROFILES);
        compose
    }
}
