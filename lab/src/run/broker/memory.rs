//! The memory of a cluster, checked before it is used.

use std::fs;

/// The memory of one broker of a cluster under load, in MB; measured with the heap of a cluster's broker.
const BROKER_MB: u64 = 300;

/// The memory that so many brokers take, in MB. A machine that has less is refused; where the system does not say, there is
/// enough.
pub(super) fn check(brokers: u8) -> anyhow::Result<u64> {
    let needed = u64::from(brokers) * BROKER_MB;
    enough(needed, fs::read_to_string("/proc/meminfo").ok().as_deref().and_then(available))?;
    Ok(needed)
}

fn enough(needed: u64, available: Option<u64>) -> anyhow::Result<()> {
    let available = available.unwrap_or(needed);
    anyhow::ensure!(
        available >= needed,
        "a cluster takes about {needed} MB of memory, and {available} MB are available: end other programs, or give \
         --brokers 1"
    );
    Ok(())
}

/// The memory that programs can take without swapping, in MB.
fn available(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib / 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_little_memory_is_one_line_with_both_numbers() {
        let meminfo = "MemTotal:       24684456 kB\nMemFree:         1929400 kB\nMemAvailable:     921600 kB\n";
        assert_eq!(available(meminfo), Some(900));
        let error = enough(1200, available(meminfo)).unwrap_err().to_string();
        assert!(error.contains("1200 MB") && error.contains("900 MB") && error.lines().count() == 1, "{error}");
        enough(900, available(meminfo)).unwrap();
        enough(900, available("nothing")).unwrap();
    }
}
