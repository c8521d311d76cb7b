//! A client's record of its accepted events: written to a file first, and read back for the audit.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use domain::{Intervals, Route};

pub(super) struct Journal {
    file: File,
    path: PathBuf,
}

impl Journal {
    /// Begins a journal in `folder`.
    pub(super) fn begin(folder: &Path, name: &str) -> anyhow::Result<Self> {
        let path = folder.join(name);
        let file = File::create_new(&path).with_context(|| format!("cannot begin {}", path.display()))?;
        Ok(Self { file, path })
    }

    /// Writes down that these numbers were accepted on the route.
    pub(super) fn accepted(&mut self, route: Route, numbers: &[u64]) -> anyhow::Result<()> {
        let lines: String = numbers.iter().map(|number| format!("{route} {number}\n")).collect();
        self.file.write_all(lines.as_bytes()).with_context(|| format!("cannot write {}", self.path.display()))
    }

    /// Reads back the accepted numbers.
    pub(super) fn read(&self) -> anyhow::Result<BTreeMap<Route, Intervals>> {
        let mut accepted: BTreeMap<Route, Intervals> = BTreeMap::new();
        for line in std::fs::read_to_string(&self.path)?.lines() {
            let (route, number) = line.split_once(' ').context("a line of a journal is cut")?;
            accepted.entry(route.parse()?).or_default().insert(number.parse()?);
        }
        Ok(accepted)
    }
}
