//! The use of processor, memory and disk by the parts, from `/proc` and the file system.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::Route;
use verdict::results::PartUse;

use crate::run::stack::Stack;

/// How often the parts are looked at. A killed process keeps the last look.
const EVERY: Duration = Duration::from_millis(200);
/// The unit of `/proc/PID/stat` and `/proc/stat`; it is 100 on every Linux.
const TICKS_A_SECOND: f64 = 100.0;
const BYTES_A_MIB: f64 = 1024.0 * 1024.0;

/// The sums over the parts that a route needs.
#[derive(Clone, Debug, Default)]
pub(super) struct Usage {
    pub(super) parts: BTreeMap<String, PartUse>,
    /// The most resident memory of all parts together, in MiB.
    pub(super) memory_mib: f64,
    /// CPU time of each process at its first and last look, in ticks.
    processes: BTreeMap<(String, u32), (u64, u64)>,
}

impl Usage {
    /// CPU time of all parts, in seconds.
    pub(super) fn cpu_seconds(&self) -> f64 {
        self.parts.values().map(|part| part.cpu_seconds).sum()
    }

    fn look(&mut self, parts: &[(&'static str, u32)]) {
        let mut together = 0.0;
        for &(part, root) in parts {
            let family = family(root);
            let mut memory = 0.0;
            for &pid in &family {
                let Some(ticks) = ticks(pid) else { continue };
                let known = self.processes.entry((part.to_owned(), pid)).or_insert((ticks, ticks));
                known.1 = ticks;
                // Processes of one server share most of their memory.
                memory += if family.len() > 1 { shared_memory(pid) } else { resident(pid) };
            }
            together += memory;
            let used = self.parts.entry(part.to_owned()).or_default();
            used.memory_mib = used.memory_mib.max(memory);
        }
        self.memory_mib = self.memory_mib.max(together);
    }

    fn sum_up(&mut self) {
        for ((part, _), (first, last)) in &self.processes {
            let used = self.parts.entry(part.clone()).or_default();
            used.cpu_seconds += (last - first) as f64 / TICKS_A_SECOND;
        }
    }
}

/// Looks at the parts until it is ended; a process that starts later counts from its beginning.
pub(super) struct Sampler(Arc<Mutex<Usage>>);

impl Sampler {
    /// Looks for the first time now.
    pub(super) fn start(stack: &Stack, route: Route) -> Self {
        let sampler = Self(Arc::default());
        sampler.look(stack, route, true);
        sampler
    }

    /// Looks again and again; never returns.
    pub(super) async fn run(&self, stack: &Stack, route: Route) {
        loop {
            tokio::time::sleep(EVERY).await;
            self.look(stack, route, false);
        }
    }

    fn look(&self, stack: &Stack, route: Route, first: bool) {
        let parts: Vec<(&'static str, u32)> =
            parts(stack, route).into_iter().filter_map(|part| Some((part, stack.parts().pid(part)?))).collect();
        let mut usage = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known: Vec<_> = usage.processes.keys().cloned().collect();
        usage.look(&parts);
        if !first {
            let new = usage.processes.iter_mut().filter(|(process, _)| !known.contains(process));
            new.for_each(|(_, (first, _))| *first = 0);
        }
    }

    /// The result, after a last look.
    pub(super) fn end(self, stack: &Stack, route: Route) -> Usage {
        self.look(stack, route, false);
        let mut usage = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        usage.sum_up();
        usage
    }
}

/// The parts that a route needs. The mail server is the world's, and not counted.
pub(super) fn parts(stack: &Stack, route: Route) -> Vec<&'static str> {
    let brokers = stack.brokers();
    let needed = |part: &&'static str| *part != "inbox" && (route == Route::Kafka || !brokers.contains(part));
    stack.parts().own().filter(needed).collect()
}

/// The process and all its descendants.
fn family(root: u32) -> Vec<u32> {
    let mut all = vec![root];
    let mut next = 0;
    while let Some(&pid) = all.get(next) {
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        all.extend(children.split_whitespace().filter_map(|child| child.parse::<u32>().ok()));
        next += 1;
    }
    all
}

/// CPU time in user and kernel mode.
fn ticks(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name, in parentheses, may contain spaces.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    Some(fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?)
}

fn resident(pid: u32) -> f64 {
    kib(&format!("/proc/{pid}/status"), "VmRSS:") / 1024.0
}

/// Resident memory, where each shared page is divided by its users.
fn shared_memory(pid: u32) -> f64 {
    kib(&format!("/proc/{pid}/smaps_rollup"), "Pss:") / 1024.0
}

fn kib(file: &str, name: &str) -> f64 {
    let text = fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}

/// Bytes on the disk of all files of the parts that a route needs.
pub(super) fn disk_bytes(data_dir: &Path, route: Route) -> f64 {
    let mut names = vec!["consumer.db", "consumer.db-wal", "mailer.db", "mailer.db-wal", "postgres"];
    match route {
        Route::HttpPush => {}
        Route::HttpPoll => names.extend(["store.db", "store.db-wal"]),
        Route::Kafka => names.push("broker"),
    }
    names.into_iter().map(|name| blocks(&data_dir.join(name))).sum()
}

fn blocks(path: &Path) -> f64 {
    let Ok(metadata) = fs::symlink_metadata(path) else { return 0.0 };
    let inside = match metadata.is_dir() {
        true => fs::read_dir(path).into_iter().flatten().flatten().map(|entry| blocks(&entry.path())).sum(),
        false => 0.0,
    };
    // The unit of this field is always 512 bytes.
    inside + if metadata.is_dir() { 0.0 } else { metadata.blocks() as f64 * 512.0 }
}

/// The time that all processors spent at work, in seconds, since the system started.
pub(super) fn busy_seconds() -> f64 {
    let text = fs::read_to_string("/proc/stat").unwrap_or_default();
    let numbers: Vec<f64> = text
        .lines()
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .skip(1)
        .filter_map(|field| field.parse().ok())
        .collect();
    // user, nice, system, idle, iowait, irq, softirq; the time of guests is part of user.
    let all: f64 = numbers.iter().take(7).sum();
    let idle: f64 = numbers.iter().skip(3).take(2).sum();
    (all - idle) / TICKS_A_SECOND
}

/// CPU time of this process, in seconds.
pub(super) fn own_seconds() -> f64 {
    ticks(std::process::id()).unwrap_or_default() as f64 / TICKS_A_SECOND
}

/// Bytes as MiB.
pub(super) fn mib(bytes: f64) -> f64 {
    bytes / BYTES_A_MIB
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_uses_memory_and_time() {
        let pid = std::process::id();
        assert!(family(pid).contains(&pid) && resident(pid) > 1.0 && shared_memory(pid) > 0.5);
        let before = own_seconds();
        while own_seconds() <= before {
            std::hint::black_box((0..100_000).sum::<u64>());
        }
        assert!(busy_seconds() > own_seconds());
    }

    #[test]
    fn only_the_files_of_the_route_count() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("broker")).unwrap();
        for (name, bytes) in [("broker/log", 100_000), ("store.db", 50_000), ("consumer.db", 20_000), ("inbox", 9)] {
            fs::write(dir.path().join(name), vec![7; bytes]).unwrap();
        }
        let [push, poll, kafka] = Route::ALL.map(|route| disk_bytes(dir.path(), route));
        assert!((20_000.0..40_000.0).contains(&push), "{push}");
        assert!(poll - push >= 50_000.0 && kafka - push >= 100_000.0, "{poll} {kafka}");
    }
}
