//! Debian packages: installed where that needs root, or unpacked into a directory where it does not.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use super::install::dir;
use crate::step;
use crate::workspace::{command, find, output};

/// Whether this machine has Debian's package tools.
pub(crate) fn is_available() -> bool {
    find("apt-get").is_some() && find("dpkg-deb").is_some()
}

/// Installs the missing ones of these packages for the whole machine, with sudo if need be, after a message.
///
/// The output goes to the log of this name.
pub(crate) fn install(log: &str, packages: &[&str]) -> Result<()> {
    let packages: Vec<_> = packages.iter().copied().filter(|package| !is_installed(package)).collect();
    if packages.is_empty() {
        return Ok(());
    }
    let by_hand = format!("apt-get install {}", packages.join(" "));
    if !is_available() {
        bail!("This is no Debian-like machine; please install what `{by_hand}` would");
    }
    let sudo = match (output(command("id").arg("-u"))?.as_str(), find("sudo")) {
        ("0", _) => false,
        (_, Some(_)) => true,
        _ => bail!("This needs root and there is no sudo; please have someone run `{by_hand}`"),
    };
    let log = &dir()?.join(format!("{log}.log"));
    let sudo_word = if sudo { "sudo " } else { "" };
    println!("Running: {sudo_word}{by_hand}");
    let install = ["install", "-y", "--no-install-recommends"];
    let first = step::quietly("apt-get", apt_get(sudo).args(install).args(&packages), log);
    if first.is_err() {
        // Most likely the package lists are old or were never fetched.
        println!("Running: {sudo_word}apt-get update, then again");
        step::quietly("apt-get", apt_get(sudo).arg("update"), log)?;
        step::quietly("apt-get", apt_get(sudo).args(install).args(&packages), log)?;
    }
    Ok(())
}

fn apt_get(sudo: bool) -> Command {
    let mut command = command(if sudo { "sudo" } else { "apt-get" });
    if sudo {
        command.arg("apt-get");
    }
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// The version that the package lists offer, if any.
pub(crate) fn offered(package: &str) -> Option<String> {
    let policy = output(command("apt-cache").args(["policy", package]).env("LC_ALL", "C")).ok()?;
    let candidate = policy.lines().find_map(|line| line.trim().strip_prefix("Candidate: "))?;
    (candidate != "(none)").then(|| candidate.to_owned())
}

/// These packages with their dependencies that are not installed.
pub(crate) fn closure(packages: &[&str]) -> Result<Vec<String>> {
    let only_depends = ["recommends", "suggests", "conflicts", "breaks", "replaces", "enhances"];
    let depends = output(
        command("apt-cache")
            .args(["depends", "--recurse"])
            .args(only_depends.map(|kind| format!("--no-{kind}")))
            .args(packages),
    )?;
    // Indented lines are the dependencies' own listing; angle brackets are names without a package of that name.
    let names = depends.lines().filter(|line| !line.starts_with([' ', '<', '|']));
    Ok(names.filter(|name| packages.contains(name) || !is_installed(name)).map(str::to_owned).collect())
}

fn is_installed(package: &str) -> bool {
    let status = output(command("dpkg-query").args(["-W", "-f=${Status}", package]));
    status.is_ok_and(|status| status.ends_with("ok installed"))
}

/// Fetches packages and unpacks them into a directory with `run`: needs no root, and nothing outside it changes.
pub(crate) fn unpack(
    packages: &[impl AsRef<OsStr>],
    into: &Path,
    run: impl Fn(&mut Command) -> Result<()>,
) -> Result<()> {
    let debs = into.join("debs");
    fs::create_dir_all(&debs)?;
    run(command("apt-get").arg("download").args(packages).current_dir(&debs))?;
    for deb in fs::read_dir(&debs)? {
        run(command("dpkg-deb").arg("-x").arg(deb?.path()).arg(into))?;
    }
    Ok(fs::remove_dir_all(debs)?)
}
