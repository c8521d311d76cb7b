//! The trackers that ours is measured against, as their makers publish them in the npm registry.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::npm::Package;

/// Each with its option of the measuring program.
const PACKAGES: [(&str, Package<'_>); 3] = [
    (
        "--posthog",
        Package {
            name: "posthog-js",
            version: "1.449.2",
            integrity: "sha512-vji+h92IHaLlFSEnRH1hwe8uLWGOdDUImmPXexj/+V7Xm7HTxIQisYE/Kom7Aaw4DRpzfdhQxiyAN1YVYR4G8Q==",
            files: &["package.json", "LICENSE", "dist/module.mjs"],
        },
    ),
    (
        "--segment",
        Package {
            name: "@segment/analytics-next",
            version: "1.84.3",
            integrity: "sha512-5l7cPBzScxhfJ0zdcKQI4daDvMIWWUk7hClT1xGRelnHUltIEoQ9w8+ZpFPoWJMpX8D7IA1nVAfJbpiKi3XaKw==",
            files: &["package.json", "LICENSE.MD", "dist/umd"],
        },
    ),
    (
        "--snowplow",
        Package {
            name: "@snowplow/browser-tracker",
            version: "4.10.1",
            integrity: "sha512-1Kmi6Mtyxwn5BN7BPD63CCb8diNr/cD/ihxHVbnTVc9UQRK9xJALpkpOu90PomVH/GJN2VxVKyeNmPJhGnv9og==",
            files: &["package.json", "LICENSE", "dist/index.umd.min.js"],
        },
    ),
];

/// Fetches those that are missing; returns the options of the measuring program with their directories.
pub(crate) fn ensure() -> Result<Vec<(&'static str, PathBuf)>> {
    let fetched = PACKAGES.iter().map(|(option, package)| {
        let home = package.ensure()?.with_context(|| format!("there is no npm to fetch {} with", package.name))?;
        Ok((*option, home))
    });
    fetched.collect()
}
