//! A PostgreSQL server for the time of a test run.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, process, thread};

use anyhow::{Context, Result, bail};

use crate::workspace::{command, output, wait};

/// A server with an empty cluster that stops, and leaves nothing, when this is dropped.
pub(crate) struct Running {
    /// Where it listens, as `postgres://user@host:port`.
    pub(crate) url: String,
    child: Child,
    data: PathBuf,
}

/// Makes a cluster in a temporary directory and starts a server on it, on loopback.
pub(crate) fn start() -> Result<Running> {
    let bin = programs().context("there is no PostgreSQL server; `cargo xtask setup postgres` installs it")?;
    let data = env::temp_dir().join(format!("ese-test-postgres-{}", process::id()));
    fs::create_dir_all(&data).with_context(|| format!("could not make {}", data.display()))?;
    let root = output(command("id").arg("-u"))? == "0";
    if root {
        // PostgreSQL refuses to run as root; Debian's package brings a user for it.
        let owned = command("chown").arg("postgres").arg(&data).status()?;
        if !owned.success() {
            bail!("{} could not be given to the user postgres", data.display());
        }
    }
    let initdb = as_user(root, &bin.join("initdb"))
        .args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--pgdata"])
        .arg(data.join("cluster"))
        .output()?;
    if !initdb.status.success() {
        bail!("initdb failed: {}", String::from_utf8_lossy(&initdb.stderr));
    }
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let child = as_user(root, &bin.join("postgres"))
        .arg("-D")
        .arg(data.join("cluster"))
        .args(["-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200", "-c", &format!("port={port}")])
        .args(["-c", &format!("unix_socket_directories={}", data.display())])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("could not start PostgreSQL")?;
    let mut running = Running { url: format!("postgres://postgres@127.0.0.1:{port}"), child, data };
    let deadline = Instant::now() + Duration::from_secs(30);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if Instant::now() > deadline || running.child.try_wait()?.is_some() {
            bail!("PostgreSQL does not start");
        }
        thread::sleep(Duration::from_millis(50));
    }
    println!("PostgreSQL ready at {}", running.url);
    Ok(running)
}

/// The directory of the newest server's programs, which Debian keeps off PATH.
pub(crate) fn programs() -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .filter_map(|entry| {
            Some((entry.as_ref().ok()?.file_name().to_str()?.parse().ok()?, entry.ok()?.path().join("bin")))
        })
        .filter(|(_, bin)| bin.join("initdb").exists())
        .collect();
    found.sort();
    found.pop().map(|(_, bin)| bin)
}

/// A command as the user postgres if we are root; the kernel ends it with this process.
fn as_user(root: bool, program: &Path) -> Command {
    let mut command = command("setpriv");
    if root {
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
    }
    command.args(["--pdeathsig", "INT", "--"]).arg(program);
    command
}

impl Drop for Running {
    fn drop(&mut self) {
        // SIGINT is PostgreSQL's fast shutdown.
        command("kill").args(["-INT", &self.child.id().to_string()]).status().ok();
        wait("PostgreSQL", &mut self.child, Duration::from_secs(10));
        fs::remove_dir_all(&self.data).ok();
    }
}
