//! Apache Kafka as one node that is broker and controller (KRaft), alone or in a cluster.

mod settings;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::anyhow;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::process::Command;
use uuid::Uuid;

use super::detour::Detour;
use crate::run::atomic_file;
use crate::run::supervise::{Recipe, run_to_end};

/// Apache Kafka, not yet started.
#[derive(Clone, Debug)]
pub struct Apache {
    /// The Java program.
    pub java: PathBuf,
    /// The directory of its jars.
    pub jars: PathBuf,
    /// The name of the part.
    pub name: &'static str,
    /// The id of its cluster.
    pub cluster: String,
    /// Its place among the nodes of the cluster, from 0.
    pub index: usize,
    /// The directory of its data and settings.
    pub dir: PathBuf,
    /// The port for clients.
    pub port: u16,
    /// The ports of all controllers of the cluster.
    pub controllers: Vec<u16>,
    /// Ways to it through proxies.
    pub detours: Vec<Detour>,
}

impl Apache {
    /// Writes its settings, formats its storage the first time, and returns how to start it.
    pub async fn recipe(&self, log: PathBuf) -> anyhow::Result<Recipe> {
        let properties = self.dir.join("server.properties");
        let data = self.dir.join("data");
        let text = settings::server(self.index, self.port, &self.controllers, &self.detours, &data);
        atomic_file::write(&properties, &text)?;
        if !data.join("meta.properties").is_file() {
            self.format(&properties).await?;
        }
        let mut args = self.java_args(settings::heap(self.controllers.len()).iter().chain(&settings::JVM));
        args.extend(["kafka.Kafka".into(), properties.into()]);
        Ok(Recipe {
            name: self.name,
            program: self.java.clone(),
            args,
            env: Vec::new(),
            dir: self.dir.clone(),
            log,
            grace: Duration::from_secs(30),
        })
    }

    fn java_args<'a>(&self, options: impl IntoIterator<Item = &'a &'static str>) -> Vec<OsString> {
        let mut args: Vec<OsString> = settings::LOGGING.iter().chain(options).map(Into::into).collect();
        args.extend(["-cp".into(), self.jars.join("*").into()]);
        args
    }

    /// Formats the storage for its cluster.
    async fn format(&self, properties: &Path) -> anyhow::Result<()> {
        let mut format = Command::new(&self.java);
        format
            .args(self.java_args(&settings::JVM_FORMAT))
            .args(["kafka.tools.StorageTool", "format", "--ignore-formatted"])
            .args(["--cluster-id", &self.cluster, "--config"])
            .arg(properties)
            .current_dir(&self.dir);
        let failed = |why: String| anyhow!("Apache Kafka's storage could not be formatted: {why}");
        run_to_end(format, "").await.map_err(failed)
    }
}

/// The id of a cluster, which is made once and then kept in this file.
pub(super) fn cluster_id(kept: &Path) -> anyhow::Result<String> {
    if let Ok(id) = fs::read_to_string(kept) {
        return Ok(id.trim().to_owned());
    }
    let id = URL_SAFE_NO_PAD.encode(Uuid::now_v7());
    atomic_file::write(kept, &id)?;
    Ok(id)
}
