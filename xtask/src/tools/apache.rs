//! Apache Kafka: its jars from Maven Central, enough to run one KRaft broker.

use std::fs;

use anyhow::{Context, Result, bail};

use super::install::{Tool, dir};
use crate::workspace::{command, find};

/// A stable release that runs with Java 17.
const VERSION: &str = "4.3.1";
const NAME: &str = "kafka";
const JAVA: u32 = 17;

/// Fetches the jars into `<tools>/kafka-<version>/libs` if they are not there.
pub(crate) fn ensure() -> Result<()> {
    if !fits() {
        bail!(
            "Apache Kafka needs Java {JAVA} or newer and, to be fetched, Maven; on Debian or Ubuntu: \
             `apt-get install openjdk-17-jre-headless maven`. `--broker nisshi` needs neither."
        );
    }
    let about = "fetches its jars from Maven Central, about 1 minute, 54 MB";
    Tool { name: NAME, version: VERSION, about }.ensure(|install| {
        let pom = install.dir.join("pom.xml");
        fs::write(&pom, POM.replace("VERSION", VERSION))?;
        let libs = install.dir.join("libs");
        let mut copy = command("mvn");
        copy.args(["--batch-mode", "--no-transfer-progress", "--file"])
            .arg(&pom)
            .arg("dependency:copy-dependencies")
            .arg(format!("-DoutputDirectory={}", libs.display()));
        install.run(&mut copy).context("Maven could not fetch Kafka's jars")
    })?;
    Ok(())
}

/// The directory of the fetched jars.
pub(crate) fn home() -> Result<std::path::PathBuf> {
    Ok(dir()?.join(format!("{NAME}-{VERSION}")))
}

/// Whether Kafka runs here: a Java that is new enough, and the jars or the Maven to fetch them.
pub(crate) fn fits() -> bool {
    let fetched = home().is_ok_and(|home| home.is_dir());
    (fetched || find("mvn").is_some()) && java_version().is_some_and(|version| version >= JAVA)
}

fn java_version() -> Option<u32> {
    // It prints its version on stderr: `openjdk version "17.0.15" 2025-04-15`, long ago `"1.8.0_302"`.
    let output = command("java").arg("-version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let version = text.split('"').nth(1)?;
    version.split(['.', '-', '_']).next()?.parse().ok()
}

const POM: &str = r#"<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>ese</groupId><artifactId>broker</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>VERSION</version></dependency>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>VERSION</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
"#;
