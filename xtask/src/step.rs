//! Runs one step: prints a heading and progress, and keeps a log for failures.

use std::fs::{self, File};
use std::io::{Write, stdout};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::thread::{ScopedJoinHandle, sleep};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};

/// Prints a heading, does the work, prints how long it took.
pub(crate) fn step<T>(heading: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let start = Instant::now();
    println!("\n=== {heading}");
    let result = work();
    let word = if result.is_ok() { "took" } else { "failed after" };
    println!("=== {heading}: {word} {}", human(start.elapsed()));
    result
}

/// The result of work in a thread of its own.
pub(crate) fn joined<T>(work: ScopedJoinHandle<Result<T>>) -> Result<T> {
    work.join().unwrap_or_else(|_| Err(anyhow!("the set-up panicked")))
}

/// Runs a command with its output straight through.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| not_started(command))?;
    check(command, status)
}

/// Replaces this process by the command, so that Ctrl-C reaches only the command.
pub(crate) fn exec(command: &mut Command) -> Result<()> {
    stdout().flush().ok();
    let error = command.exec();
    Err(error).with_context(|| not_started(command))
}

/// Runs a command with its output in a log; every ten seconds shows the log's last line and the time gone by.
pub(crate) fn quietly(name: &str, command: &mut Command, log: &Path) -> Result<()> {
    let file = File::options()
        .create(true)
        .append(true)
        .open(log)
        .with_context(|| format!("could not write {}", log.display()))?;
    command.stdout(file.try_clone()?).stderr(file);
    let start = Instant::now();
    let mut child = command.spawn().with_context(|| not_started(command))?;
    let mut shown = start;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if shown.elapsed() >= Duration::from_secs(10) {
            shown = Instant::now();
            let line: String = tail(log, 1).trim().chars().take(90).collect();
            println!("  {name}, {}: {line}", human(start.elapsed()));
        }
        sleep(Duration::from_millis(50));
    };
    check(command, status).with_context(|| {
        let tail = tail(log, 12);
        format!("{tail}\n\nThe whole output is in {}", log.display())
    })
}

fn check(command: &Command, status: ExitStatus) -> Result<()> {
    if !status.success() {
        let program = command.get_program().display();
        let args: Vec<_> = command.get_args().map(|arg| arg.to_string_lossy()).collect();
        bail!("`{program} {}` ended with {status}", args.join(" "));
    }
    Ok(())
}

fn not_started(command: &Command) -> String {
    format!("could not start `{}`", command.get_program().display())
}

fn tail(log: &Path, lines: usize) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let mut last: Vec<_> = text.lines().rev().filter(|line| !line.trim().is_empty()).take(lines).collect();
    last.reverse();
    last.join("\n")
}

/// A duration for people: `0.4 s`, `38 s`, `2 min 40 s`.
pub(crate) fn human(time: Duration) -> String {
    match time.as_secs() {
        0..10 => format!("{:.1} s", time.as_secs_f32()),
        seconds @ 10..60 => format!("{seconds} s"),
        seconds => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}
