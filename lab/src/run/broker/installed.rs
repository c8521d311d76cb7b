//! The installed programs: Java, Apache Kafka's jars, nisshi.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use crate::run::supervise::find;

/// The installed programs that a broker needs.
#[derive(Clone, Debug, Default)]
pub struct Installed {
    /// Java and its major version.
    pub java: Option<(PathBuf, u32)>,
    /// Apache Kafka's newest version and the directory of its jars.
    pub kafka: Option<(String, PathBuf)>,
    /// nisshi.
    pub nisshi: Option<PathBuf>,
}

/// Looks for them on this machine.
pub fn find_installed() -> Installed {
    let tools = tools_dir();
    let nisshi = tools.as_ref().map(|tools| tools.join("bin/nisshi")).filter(|program| program.is_file());
    Installed { java: java(), kafka: tools.as_deref().and_then(kafka), nisshi: nisshi.or_else(|| find("nisshi")) }
}

/// Where `cargo xtask setup` puts tools: `$ESE_TOOLS`, else `$XDG_CACHE_HOME/ese`, else `~/.cache/ese`.
fn tools_dir() -> Option<PathBuf> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("ESE_TOOLS")
        .or_else(|| set("XDG_CACHE_HOME").map(|cache| cache.join("ese")))
        .or_else(|| set("HOME").map(|home| home.join(".cache/ese")))
}

fn java() -> Option<(PathBuf, u32)> {
    let home = env::var_os("JAVA_HOME").map(|home| Path::new(&home).join("bin/java")).filter(|java| java.is_file());
    let java = home.or_else(|| find("java"))?;
    let output = Command::new(&java).arg("-version").output().ok()?;
    let major = java_major(&String::from_utf8_lossy(&output.stderr))?;
    Some((java, major))
}

/// 17 of `openjdk version "17.0.15" 2025-04-15`, 8 of `java version "1.8.0_392"`.
fn java_major(text: &str) -> Option<u32> {
    let quoted = text.split('"').nth(1)?;
    let mut numbers = quoted.split(|c: char| !c.is_ascii_digit()).map_while(|number| number.parse().ok());
    match numbers.next()? {
        1 => numbers.next(),
        major => Some(major),
    }
}

fn kafka(tools: &Path) -> Option<(String, PathBuf)> {
    let versions = fs::read_dir(tools).ok()?.filter_map(|entry| {
        let entry = entry.ok()?;
        let version = entry.file_name().to_str()?.strip_prefix("kafka-")?.to_owned();
        Some((version, entry.path().join("libs")))
    });
    versions.filter(|(_, jars)| jars.is_dir()).max_by_key(|(version, _)| version_key(version))
}

/// Orders versions by their numbers: 4.10.0 is newer than 4.9.1.
fn version_key(version: &str) -> Vec<u64> {
    version.split('.').map(|part| part.parse().unwrap_or_default()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn java_versions_are_read() {
        assert_eq!(java_major("openjdk version \"17.0.15\" 2025-04-15\nOpenJDK Runtime …"), Some(17));
        assert_eq!(java_major("openjdk version \"25\" 2025-09-16"), Some(25));
        assert_eq!(java_major("java version \"1.8.0_392\""), Some(8));
        assert_eq!(java_major("openjdk version \"24-ea\""), Some(24));
        assert_eq!(java_major("command not found"), None);
    }

    #[test]
    fn the_newest_kafka_is_taken() {
        let tools = tempfile::tempdir().unwrap();
        assert_eq!(kafka(tools.path()), None);
        for version in ["4.9.1", "4.10.0", "4.2.0"] {
            fs::create_dir_all(tools.path().join(format!("kafka-{version}/libs"))).unwrap();
        }
        fs::create_dir_all(tools.path().join("kafka-5.0.0")).unwrap();
        let (version, jars) = kafka(tools.path()).unwrap();
        assert_eq!(version, "4.10.0");
        assert!(jars.ends_with("kafka-4.10.0/libs"));
    }
}
