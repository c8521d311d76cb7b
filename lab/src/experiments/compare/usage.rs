//! The use of processor, memory and disk by the parts, from `/proc` and the file system.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::pin::pin;
use std::time::{Duration, Instant};

use domain::Route;
use verdict::results::PartUse;

use crate::run::stack::Stack;

/// How often the parts are looked at. A killed process keeps the last look.
const EVERY: Duration = Duration::from_millis(200);
/// The unit of `/proc/PID/stat` and `/proc/stat`; it is 100 on every Linux.
const TICKS_A_SECOND: f64 = 100.0;

/// What the parts that a route needs have used.
#[derive(Clone, Debug, Default)]
pub(super) struct Used {
    /// By the name of the part.
    pub(super) parts: BTreeMap<String, PartUse>,
    /// CPU time of all of them.
    pub(super) cpu_seconds: f64,
    /// The most resident memory of all of them together.
    pub(super) memory_mib: f64,
    /// The growth of their files.
    pub(super) disk_bytes: f64,
    /// The share of the processors' time that neither the stack nor this process used.
    pub(super) busy_elsewhere: f64,
}

/// The state of everything before the load.
pub(super) struct Before<'a> {
    stack: &'a Stack,
    needed: Vec<&'static str>,
    route: Route,
    directory: &'a Path,
    began: Instant,
    disk: f64,
    busy: f64,
    own: f64,
    looks: Looks,
}

/// The looks at the processes.
#[derive(Debug, Default)]
struct Looks {
    /// CPU time of each process at its first and last look, in ticks.
    ticks: HashMap<(&'static str, u32), (u64, u64)>,
    /// The most memory of each part.
    memory: HashMap<&'static str, f64>,
    /// The most memory of all parts that the route needs together.
    together: f64,
}

impl<'a> Before<'a> {
    /// Looks for the first time.
    pub(super) fn look(stack: &'a Stack, route: Route, directory: &'a Path) -> Self {
        let (disk, busy, own) = (disk_bytes(directory, route), busy_seconds(), own_seconds());
        let needed = parts(stack, route);
        let (began, looks) = (Instant::now(), Looks::default());
        let mut before = Self { stack, needed, route, directory, began, disk, busy, own, looks };
        before.look_at_parts(true);
        before
    }

    /// Looks again and again while `work` goes on.
    pub(super) async fn until<T>(mut self, work: impl Future<Output = T>) -> (T, Used) {
        let mut work = pin!(work);
        let mut every = tokio::time::interval(EVERY);
        loop {
            tokio::select! {
                done = &mut work => {
                    self.look_at_parts(false);
                    return (done, self.used());
                }
                _ = every.tick() => self.look_at_parts(false),
            }
        }
    }

    fn look_at_parts(&mut self, first: bool) {
        let mut together = 0.0;
        for part in self.stack.parts().own() {
            let Some(root) = self.stack.parts().pid(part) else { continue };
            let family = family(root);
            let mut memory = 0.0;
            for &pid in &family {
                let Some(now) = ticks(pid) else { continue };
                // A process that was started meanwhile counts from its beginning.
                let known = self.looks.ticks.entry((part, pid)).or_insert((if first { now } else { 0 }, now));
                known.1 = now;
                // Processes of one server share most of their memory.
                memory += if family.len() > 1 { shared_memory(pid) } else { resident(pid) };
            }
            let most = self.looks.memory.entry(part).or_default();
            *most = most.max(memory);
            together += if self.needed.contains(&part) { memory } else { 0.0 };
        }
        self.looks.together = self.looks.together.max(together);
    }

    fn used(&self) -> Used {
        let mut used = Used { memory_mib: self.looks.together, ..Used::default() };
        let mut all = 0.0;
        for (&(part, _), (first, last)) in &self.looks.ticks {
            let seconds = (last - first) as f64 / TICKS_A_SECOND;
            all += seconds;
            if self.needed.contains(&part) {
                used.cpu_seconds += seconds;
                let of_part = used.parts.entry(part.to_owned()).or_default();
                of_part.cpu_seconds += seconds;
                of_part.memory_mib = self.looks.memory.get(part).copied().unwrap_or_default();
            }
        }
        used.disk_bytes = (disk_bytes(self.directory, self.route) - self.disk).max(0.0);
        let cores = std::thread::available_parallelism().map_or(1.0, |cores| cores.get() as f64);
        let others = busy_seconds() - self.busy - (own_seconds() - self.own) - all;
        used.busy_elsewhere = (others / (self.began.elapsed().as_secs_f64() * cores)).clamp(0.0, 1.0);
        used
    }
}

/// The parts that a route needs. The mail server is the world's; further consumers take nothing from http-push.
pub(super) fn parts(stack: &Stack, route: Route) -> Vec<&'static str> {
    let needed = |part: &&'static str| match route {
        Route::HttpPush => *part != "inbox" && !part.starts_with("consumer-"),
        Route::HttpPoll | Route::Kafka => *part != "inbox",
    };
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
