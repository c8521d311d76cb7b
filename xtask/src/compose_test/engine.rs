//! A Docker engine of our own: its own socket, data and network, stopped at the end.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::workspace::{command, wait};

/// The time until the engine must have started or stopped.
const TIMEOUT: Duration = Duration::from_secs(60);
/// The address of the default bridge; unlikely to be used by others.
const BRIDGE: &str = "172.30.254.1/24";

/// A running dockerd, which stops when this is dropped.
pub(super) struct Engine {
    child: Child,
    socket: PathBuf,
}

impl Engine {
    /// Starts an engine that keeps its images in `place` for the next time.
    pub(super) fn start(place: &Path) -> Result<Self> {
        if command("pgrep").args(["--exact", "dockerd"]).output()?.status.success() {
            bail!(
                "another dockerd runs, and two cannot share the bridge docker0; stop it first (systemctl stop docker)"
            );
        }
        // The path of a socket must be short; all other files here are for this run alone.
        let running = std::env::temp_dir().join(format!("ese-docker-{}", std::process::id()));
        fs::create_dir_all(&running)?;
        let socket = running.join("docker.sock");
        let log = place.join("dockerd.log");
        let output = File::create(&log)?;
        let child = command("dockerd")
            // dockerd chooses its storage driver: overlays where they work, else copies, which need far more room.
            .args(["--bip", BRIDGE, "--data-root"])
            .arg(place.join("docker"))
            .arg("--exec-root")
            .arg(running.join("exec"))
            .arg("--pidfile")
            .arg(running.join("pid"))
            .arg("--host")
            .arg(format!("unix://{}", socket.display()))
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .context("dockerd cannot be started")?;
        let mut engine = Self { child, socket };
        let deadline = Instant::now() + TIMEOUT;
        while !engine.docker().arg("version").output().is_ok_and(|version| version.status.success()) {
            if engine.child.try_wait()?.is_some() || Instant::now() > deadline {
                bail!("dockerd does not start; it needs root, and the reason is in {}", log.display());
            }
            thread::sleep(Duration::from_millis(200));
        }
        Ok(engine)
    }

    /// A docker command to this engine: Debian's, which has BuildKit built in.
    pub(super) fn docker(&self) -> Command {
        self.at(command("/usr/bin/docker"))
    }

    /// A command with the address of this engine.
    pub(super) fn at(&self, mut command: Command) -> Command {
        command.env("DOCKER_HOST", format!("unix://{}", self.socket.display())).env("DOCKER_BUILDKIT", "1");
        command
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        command("kill").arg(self.child.id().to_string()).status().ok();
        wait("dockerd", &mut self.child, TIMEOUT);
        if let Some(running) = self.socket.parent() {
            // dockerd leaves a network namespace mounted there, and a mount point cannot be removed.
            command("umount").arg(running.join("exec/netns/default")).output().ok();
            fs::remove_dir_all(running).ok();
        }
    }
}
