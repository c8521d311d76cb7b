//! A PostgreSQL server of the data directory's own, on loopback, with a generated password.

use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, anyhow};
use rustix::process::geteuid;
use sqlx::Connection;
use tokio::process::Command;
use tokio::time::timeout;

use super::free_ports;
use super::supervise::{Recipe, find, run_to_end};

/// The name of the part.
pub const NAME: &str = "postgres";
/// The databases of backend, consumer and mailer.
const DATABASES: [&str; 3] = ["store", "consumer", "mailer"];
/// PostgreSQL refuses to run as root. Packages bring this user for it.
const USER: &str = "postgres";
/// The time for one connection attempt.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Its programs are not installed.
#[derive(Debug, thiserror::Error)]
#[error("there is no PostgreSQL server on this machine: run `cargo xtask setup postgres`")]
pub struct NotInstalled;

/// The server, not yet started.
pub struct Postgres {
    /// How it is started.
    pub recipe: Recipe,
    /// `postgres://USER:PASSWORD@HOST:PORT`, without a database.
    pub server: String,
}

/// The directory of the server, which exists if the data directory was used with one.
pub fn dir(data_dir: &Path) -> PathBuf {
    data_dir.join(NAME)
}

/// Makes the databases the first time, and picks a port.
pub async fn prepare(data_dir: &Path) -> anyhow::Result<Postgres> {
    let programs = programs().ok_or(NotInstalled)?;
    let dir = dir(data_dir);
    let [port] = free_ports::pick()?;
    let cluster = dir.join("cluster");
    if !cluster.is_dir() {
        make(&programs, &dir, &cluster).await?;
    }
    let kept = password_file(&dir);
    let password = fs::read_to_string(&kept).with_context(unusable(&kept))?;
    let (program, mut args) = as_user(programs.join("postgres"));
    let port_setting = format!("port={port}");
    // No socket: TCP is enough, and the path of a socket is limited to about a hundred bytes.
    let settings = [&port_setting, "listen_addresses=127.0.0.1", "unix_socket_directories="];
    args.extend(["-D".into(), cluster.into()]);
    args.extend(settings.iter().flat_map(|setting| ["-c".into(), setting.into()]));
    let log = data_dir.join(format!("logs/{NAME}.log"));
    let recipe = Recipe { name: NAME, program, args, env: Vec::new(), dir, log, grace: Duration::from_secs(10) };
    Ok(Postgres { recipe, server: format!("postgres://ese:{}@127.0.0.1:{port}", password.trim()) })
}

/// Whether the server takes connections and has finished its recovery.
pub async fn answers(server: &str) -> Result<(), String> {
    sqlx::any::install_default_drivers();
    let url = format!("{server}/postgres");
    match timeout(TIMEOUT, sqlx::AnyConnection::connect(&url)).await {
        Ok(Ok(connection)) => connection.close().await.map_err(|error| error.to_string()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("it does not answer".to_owned()),
    }
}

fn password_file(dir: &Path) -> PathBuf {
    dir.join("password")
}

/// Makes a cluster with a password and the databases. It gets its name last, so that a half-made one is made anew.
async fn make(programs: &Path, dir: &Path, cluster: &Path) -> anyhow::Result<()> {
    let draft = dir.join("cluster.new");
    fs::DirBuilder::new().mode(0o700).recursive(true).create(dir).with_context(unusable(dir))?;
    let kept = password_file(dir);
    // Of a start that was interrupted.
    if draft.exists() {
        fs::remove_dir_all(&draft).with_context(unusable(&draft))?;
    }
    if kept.exists() {
        fs::remove_file(&kept).with_context(unusable(&kept))?;
    }
    let password = format!("{:032x}", rand::random::<u128>());
    let mut options = fs::OpenOptions::new();
    let written = options.write(true).create_new(true).mode(0o600).open(&kept);
    written.and_then(|mut file| file.write_all(password.as_bytes())).with_context(unusable(&kept))?;
    if geteuid().is_root() {
        run(dir, (PathBuf::from("chown"), vec![USER.into(), dir.into(), kept.clone().into()]), "").await?;
    }
    let (program, mut args) = as_user(programs.join("initdb"));
    args.extend(
        ["--username=ese", "--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--pwfile"].map(Into::into),
    );
    args.extend([kept.into(), "--pgdata".into(), draft.clone().into()]);
    run(dir, (program, args), "").await?;
    let (program, mut args) = as_user(programs.join("postgres"));
    args.extend(["--single".into(), "-D".into(), draft.clone().into(), "postgres".into()]);
    let create: String = DATABASES.iter().map(|name| format!("CREATE DATABASE {name}\n")).collect();
    run(dir, (program, args), &create).await?;
    fs::rename(&draft, cluster).with_context(unusable(cluster))
}

fn unusable(path: &Path) -> impl FnOnce() -> String {
    move || format!("{} cannot be used for PostgreSQL", path.display())
}

/// Runs a program to its end, with `input` on its standard input.
async fn run(dir: &Path, (program, args): (PathBuf, Vec<OsString>), input: &str) -> anyhow::Result<()> {
    let mut command = Command::new(program);
    command.args(args).current_dir(dir);
    run_to_end(command, input).await.map_err(|why| {
        let needed = "the user `postgres` must be able to open that directory";
        anyhow!("PostgreSQL could not be prepared in {} ({why}); {needed}", dir.display())
    })
}

/// The program and its first arguments, as the user postgres if this is root.
fn as_user(program: PathBuf) -> (PathBuf, Vec<OsString>) {
    if !geteuid().is_root() {
        return (program, Vec::new());
    }
    // The signal at the parent's death is set again, because a change of the user clears it.
    let user = format!("--reuid={USER}");
    let group = format!("--regid={USER}");
    let args = [&user, &group, "--clear-groups", "--pdeathsig", "KILL", "--"];
    let args = args.iter().map(Into::into).chain([program.into()]);
    ("setpriv".into(), args.collect())
}

/// The directory of the newest server's programs, which Debian keeps off PATH.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().filter_map(|entry| {
        let entry = entry.ok()?;
        Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin")))
    });
    let newest = versions.filter(|(_, bin)| bin.join("initdb").is_file()).max().map(|(_, bin)| bin);
    newest.or_else(|| find("initdb").and_then(|initdb| initdb.parent().map(Path::to_owned)))
}
