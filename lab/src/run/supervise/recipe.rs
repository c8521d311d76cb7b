//! The command of a child, the same at each start.

use std::env;
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::LazyLock;
use std::time::Duration;

use runtime::kafka::VARIABLES;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// Variables that are options of `ese` as well: a recipe gives them as arguments where they are wanted.
const AS_ARGUMENTS: [&str; 3] = ["ESE_KEYS_FILE", "ESE_ADMIN_TOKEN_FILE", "ESE_EVENT_TYPES"];

/// The path of `setpriv` (util-linux), which makes the kernel kill a child when its parent dies.
static SETPRIV: LazyLock<Option<PathBuf>> = LazyLock::new(|| find("setpriv"));

/// The command of a child.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// Its name in messages, logs and addresses.
    pub name: &'static str,
    /// Path of the program, or a name to look up on PATH.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Variables of its environment. Secrets go here: any user of the machine can read the arguments.
    pub env: Vec<(&'static str, String)>,
    /// The directory it runs in.
    pub dir: PathBuf,
    /// The file of its output.
    pub log: PathBuf,
    /// How long it may take to stop before it is killed.
    pub grace: Duration,
}

impl Recipe {
    /// The command, in a process group of its own: Ctrl-C reaches only `ese`, which then stops its children in order.
    ///
    /// Each detour is an address that the arguments name, and the address that takes its place.
    pub(super) fn command(&self, detours: &[(String, String)]) -> Command {
        let mut command = match SETPRIV.as_deref() {
            // If `ese` itself is killed, the kernel kills its children.
            Some(setpriv) => {
                let mut command = Command::new(setpriv);
                command.args(["--pdeathsig", "KILL", "--"]).arg(&self.program);
                command
            }
            None => Command::new(&self.program),
        };
        command
            .args(self.args.iter().map(|argument| on_detours(argument, detours)))
            .current_dir(&self.dir)
            .env("NO_COLOR", "1");
        // They are for `ese` itself; a child gets those of its recipe.
        VARIABLES.iter().chain(&AS_ARGUMENTS).for_each(|name| _ = command.env_remove(name));
        command
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .process_group(0)
            .kill_on_drop(true);
        command
    }

    /// Whether the program exists; without this check the error would come from `setpriv`.
    pub(super) fn program_exists(&self) -> bool {
        self.program.is_file() || self.program.to_str().is_some_and(|name| find(name).is_some())
    }
}

/// The argument, with the address of its detour if it has one.
fn on_detours(argument: &OsString, detours: &[(String, String)]) -> OsString {
    let Some(text) = argument.to_str() else { return argument.clone() };
    // An address stands alone or at the end of a URL.
    let taken = detours.iter().find_map(|(from, to)| Some((text.strip_suffix(from.as_str())?, to)));
    taken.map_or_else(|| argument.clone(), |(scheme, to)| format!("{scheme}{to}").into())
}

/// Runs a program to its end, with `input` on its standard input. The error has its status and its last line of errors.
pub(crate) async fn run_to_end(mut command: Command, input: &str) -> Result<(), String> {
    let run = async {
        command.kill_on_drop(true).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        if let Some(mut standard_input) = child.stdin.take() {
            standard_input.write_all(input.as_bytes()).await?;
        }
        child.wait_with_output().await
    };
    let output = run.await.map_err(|error: io::Error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    let last = errors.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("without output");
    Err(format!("{}: {last}", output.status))
}

/// The path of a program on PATH.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_ese_reach_no_child_by_its_environment() {
        let recipe = Recipe {
            name: "backend",
            program: "backend".into(),
            args: Vec::new(),
            env: vec![(VARIABLES[0], "acks=all".to_owned())],
            dir: PathBuf::new(),
            log: PathBuf::new(),
            grace: Duration::ZERO,
        };
        let command = recipe.command(&[]);
        let variables: Vec<_> = command.as_std().get_envs().collect();
        for name in VARIABLES[1..].iter().chain(&AS_ARGUMENTS) {
            assert!(variables.contains(&(name.as_ref(), None)), "{name}");
        }
        assert!(variables.contains(&(VARIABLES[0].as_ref(), Some("acks=all".as_ref()))), "the recipe's own counts");
    }
}
