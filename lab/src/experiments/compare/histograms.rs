//! The histograms of a run: the whole of each as a file beside the results.

use std::fs;
use std::path::Path;

use anyhow::Context;
use verdict::results::Run;

use crate::experiments::durations::Durations;

/// The durations of a run.
#[derive(Clone, Debug)]
pub(super) struct Histograms {
    /// From due until accepted.
    pub(super) accepted: Durations,
    /// From due until processed.
    pub(super) processed: Durations,
    /// How late the generator was.
    pub(super) lateness: Durations,
}

impl Histograms {
    /// Writes a file for each into `dir`. A run that is made `again` has files of its own.
    pub(super) fn write(&self, dir: &Path, scenario: &str, run: &Run, again: bool) -> anyhow::Result<()> {
        let void = if again { "-void" } else { "" };
        let all = [("accepted", &self.accepted), ("processed", &self.processed), ("lateness", &self.lateness)];
        for (what, durations) in all {
            let file = dir.join(format!("{scenario}-{}-{}{void}-{what}.hgrm", run.route, run.repetition));
            fs::write(&file, durations.percentiles()).with_context(|| format!("cannot write {}", file.display()))?;
        }
        Ok(())
    }
}
