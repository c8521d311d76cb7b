//! The size of the files of the parts that a route needs.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use domain::Route;

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
    if metadata.is_dir() {
        return fs::read_dir(path).into_iter().flatten().flatten().map(|entry| blocks(&entry.path())).sum();
    }
    // The unit of this field is always 512 bytes.
    metadata.blocks() as f64 * 512.0
}

#[cfg(test)]
mod tests {
    use super::*;

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
