//! How a child is started, each time in the same way.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::LazyLock;
use std::time::Duration;

use tokio::process::Command;

/// The program of util-linux that has the kernel kill a child when its parent dies, wherever it is installed.
static SETPRIV: LazyLock<Option<PathBuf>> = LazyLock::new(|| find("setpriv"));

/// How a child is started.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// What it is called in messages, logs and addresses.
    pub name: &'static str,
    /// Path of the program, or a name to look up on PATH.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// The directory it runs in.
    pub dir: PathBuf,
    /// Where its output goes.
    pub log: PathBuf,
    /// How long it may take to stop before it is killed.
    pub grace: Duration,
}

impl Recipe {
    /// The command, in a process group of its own: a terminal's Ctrl-C reaches `ese` alone, which then stops its
    /// children in order.
    pub(super) fn command(&self) -> Command {
        let mut command = match SETPRIV.as_deref() {
            // If `ese` itself is killed, nobody is left to stop its children, so the kernel does.
            Some(setpriv) => {
                let mut command = Command::new(setpriv);
                command.args(["--pdeathsig", "KILL", "--"]).arg(&self.program);
                command
            }
            None => Command::new(&self.program),
        };
        command
            .args(&self.args)
            .current_dir(&self.dir)
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .process_group(0)
            .kill_on_drop(true);
        command
    }

    /// Whether the program can be found; `setpriv` would otherwise be the one to complain.
    pub(super) fn program_exists(&self) -> bool {
        self.program.is_file() || self.program.to_str().is_some_and(|name| find(name).is_some())
    }
}

/// Where a program is found on PATH.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}
