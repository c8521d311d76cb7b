//! nisshi, a broker in Rust that keeps its records in a SQLite file.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;

use super::choice::BROKER;
use crate::run::supervise::Recipe;

/// How to start nisshi, listening on `port` and keeping everything in `dir`.
pub fn recipe(program: PathBuf, dir: &Path, port: u16, log: PathBuf) -> anyhow::Result<Recipe> {
    std::fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    let url = format!("tcp://127.0.0.1:{port}");
    let args = [
        "broker",
        "--listener-url",
        &url,
        "--advertised-listener-url",
        &url,
        // nisshi takes every path as relative to its working directory.
        "--storage-engine",
        "sqlite://nisshi.db",
        // A starting consumer need not wait for others.
        "--group-initial-rebalance-delay",
        "0s",
        "--group-poll-interval",
        "100ms",
    ];
    Ok(Recipe {
        name: BROKER,
        program,
        args: args.iter().map(Into::into).collect(),
        env: Vec::new(),
        dir: dir.to_owned(),
        log,
        // nisshi waits 5 s for its open connections.
        grace: Duration::from_secs(10),
    })
}
