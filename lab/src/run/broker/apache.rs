//! Apache Kafka as a single node, its own controller (KRaft).

mod settings;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::process::Command;
use uuid::Uuid;

use super::detour::Detour;
use super::error::BrokerError;
use super::files::write;
use crate::run::supervise::Recipe;

/// Apache Kafka, not yet started.
#[derive(Clone, Debug)]
pub struct Apache {
    /// The Java program.
    pub java: PathBuf,
    /// The directory of its jars.
    pub jars: PathBuf,
    /// The directory of its data and settings.
    pub dir: PathBuf,
    /// The port for clients.
    pub port: u16,
    /// The port of its controller.
    pub controller: u16,
    /// Ways to it through proxies.
    pub detours: Vec<Detour>,
}

impl Apache {
    /// Writes its settings, formats its storage the first time, and returns how to start it.
    pub async fn recipe(&self, log: PathBuf) -> Result<Recipe, BrokerError> {
        let properties = self.dir.join("server.properties");
        let data = self.dir.join("data");
        write(&properties, settings::server(self.port, self.controller, &self.detours, &data).as_bytes())?;
        if !data.join("meta.properties").is_file() {
            self.format(&properties).await?;
        }
        let mut args = self.java_args(&settings::JVM);
        args.extend(["kafka.Kafka".into(), properties.into()]);
        Ok(Recipe {
            name: "broker",
            program: self.java.clone(),
            args,
            env: Vec::new(),
            dir: self.dir.clone(),
            log,
            grace: Duration::from_secs(30),
        })
    }

    fn java_args(&self, options: &[&str]) -> Vec<OsString> {
        let mut args: Vec<OsString> = settings::LOGGING.iter().chain(options).map(Into::into).collect();
        args.extend(["-cp".into(), self.jars.join("*").into()]);
        args
    }

    /// Formats the storage under a cluster id that is made once and then reused.
    async fn format(&self, properties: &Path) -> Result<(), BrokerError> {
        let kept = self.dir.join("cluster-id");
        let id = match fs::read_to_string(&kept) {
            Ok(id) => id,
            Err(_) => {
                let id = URL_SAFE_NO_PAD.encode(Uuid::now_v7());
                write(&kept, id.as_bytes())?;
                id
            }
        };
        let format = Command::new(&self.java)
            .args(self.java_args(&settings::JVM_FORMAT))
            .args(["kafka.tools.StorageTool", "format", "--ignore-formatted", "--cluster-id", id.trim(), "--config"])
            .arg(properties)
            .current_dir(&self.dir)
            .kill_on_drop(true)
            .output();
        let output = format.await.map_err(|error| BrokerError::Format(error.to_string()))?;
        if output.status.success() {
            return Ok(());
        }
        let stderr = String::from_utf8_lossy(&output.stderr);
        let last = stderr.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("without output");
        Err(BrokerError::Format(format!("{} ({last})", output.status)))
    }
}
