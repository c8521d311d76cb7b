//! Processor time and memory of processes, from `/proc`.

use std::fs;

use crate::run::supervise::children;

/// The unit of `/proc/PID/stat` and `/proc/stat`; it is 100 on every Linux.
pub(super) const TICKS_A_SECOND: f64 = 100.0;

/// The process and all its descendants.
pub(super) fn family(root: u32) -> Vec<u32> {
    let mut all = vec![root];
    let mut next = 0;
    while let Some(&pid) = all.get(next) {
        all.extend(children(pid));
        next += 1;
    }
    all
}

/// CPU time in user and kernel mode.
pub(super) fn ticks(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name, in parentheses, may contain spaces.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    Some(fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?)
}

pub(super) fn resident(pid: u32) -> f64 {
    kib(&format!("/proc/{pid}/status"), "VmRSS:") / 1024.0
}

/// Resident memory, where each shared page is divided by its users.
pub(super) fn shared_memory(pid: u32) -> f64 {
    kib(&format!("/proc/{pid}/smaps_rollup"), "Pss:") / 1024.0
}

/// The number of a line `NAME: NUMBER kB` of a file.
pub(super) fn kib(file: &str, name: &str) -> f64 {
    let text = fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}

/// The time that all processors spent at work, in seconds, since the system started.
pub(super) fn busy_seconds() -> f64 {
    let text = fs::read_to_string("/proc/stat").unwrap_or_default();
    let fields = text.lines().next().unwrap_or_default().split_whitespace().skip(1);
    let numbers: Vec<f64> = fields.filter_map(|field| field.parse().ok()).collect();
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
}
