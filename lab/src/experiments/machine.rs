//! The machine and the versions of the programs.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::process::Command;

use verdict::results::Machine;

use super::proc::kib;
use crate::run::broker::find_installed;
use crate::run::stack::Config;

pub(super) fn machine() -> Machine {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split_once(':'));
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    Machine {
        processor: model.map(|(_, model)| model.trim().to_owned()).unwrap_or_default(),
        cores: std::thread::available_parallelism().map_or(0, |cores| u32::try_from(cores.get()).unwrap_or(0)),
        memory_mib: kib("/proc/meminfo", "MemTotal:") as u64 / 1024,
        system: format!("{}, Linux {}", name.unwrap_or("an unknown system").trim_matches('"'), kernel.trim()),
    }
}

/// The versions of `ese` and of the programs that it starts.
pub(super) fn versions() -> BTreeMap<String, String> {
    let installed = find_installed();
    let build = if cfg!(debug_assertions) { "debug build" } else { "release build" };
    let mut versions =
        BTreeMap::from([("ese".to_owned(), format!("{} ({build} {})", env!("CARGO_PKG_VERSION"), programs()))]);
    versions.extend(installed.kafka.map(|(version, _)| ("Apache Kafka".to_owned(), version)));
    versions.extend(installed.java.map(|(_, major)| ("Java".to_owned(), major.to_string())));
    let psql = Command::new("psql").arg("--version").output().ok();
    let psql = psql.map(|output| String::from_utf8_lossy(&output.stdout).trim().replace("psql (PostgreSQL) ", ""));
    versions.extend(psql.filter(|version| !version.is_empty()).map(|version| ("PostgreSQL".to_owned(), version)));
    versions
}

/// A short hash of the programs that are measured: a comparison is not resumed with others.
fn programs() -> String {
    let mut hasher = DefaultHasher::new();
    for name in ["ese", "backend", "consumer", "mailer"] {
        fs::read(Config::new("").programs.join(name)).unwrap_or_default().hash(&mut hasher);
    }
    format!("{:08x}", hasher.finish() >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_is_described() {
        let Machine { cores, memory_mib, system, .. } = machine();
        assert!(cores > 0 && memory_mib > 100 && system.contains("Linux"), "{cores} {memory_mib} {system}");
        assert!(versions()["ese"].contains("build"));
    }
}
