//! The choice of the Kafka broker, and a broker for the time of a test run.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;
use std::{env, fmt, fs, process, thread};

use anyhow::{Context, Result, bail};

use crate::tools;
use crate::workspace::{command, wait};

/// A broker to use; its display is the value of `ese --broker`.
pub(crate) enum Broker {
    /// Apache Kafka from Maven Central.
    Apache,
    /// nisshi, built from source.
    Nisshi,
    /// One that runs already, as HOST:PORT.
    Address(String),
}

impl Broker {
    /// Apache Kafka where Java and Maven are; else nisshi, which needs neither. `ese` decides in the same way.
    pub(crate) fn auto() -> Self {
        if tools::apache_fits() { Self::Apache } else { Self::Nisshi }
    }

    /// The broker that the arguments name with `--broker B` or `--broker=B`, and the arguments without it.
    pub(crate) fn from_args(args: &[String]) -> Result<(Self, Vec<String>)> {
        let mut named = None;
        let mut rest = Vec::new();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            if arg == "--broker" {
                let value = args.next().context("--broker takes auto, apache, nisshi or HOST:PORT")?;
                named = Some(value.as_str());
            } else if let Some(value) = arg.strip_prefix("--broker=") {
                named = Some(value);
            } else {
                rest.push(arg.clone());
            }
        }
        Ok((Self::parse(named.unwrap_or("auto"))?, rest))
    }

    fn parse(name: &str) -> Result<Self> {
        Ok(match name {
            "auto" => Self::auto(),
            "apache" => Self::Apache,
            "nisshi" => Self::Nisshi,
            address if address.contains(':') => Self::Address(address.to_owned()),
            other => bail!("there is no broker `{other}`; --broker takes auto, apache, nisshi or HOST:PORT"),
        })
    }
}

impl fmt::Display for Broker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Apache => "apache",
            Self::Nisshi => "nisshi",
            Self::Address(address) => address,
        })
    }
}

/// A broker with an empty data directory that stops, and leaves nothing, when this is dropped.
pub(crate) struct Running {
    /// Where it listens, as HOST:PORT.
    pub(crate) address: String,
    child: Child,
    data: PathBuf,
}

/// Starts `ese broker` and waits until it is ready.
pub(crate) fn start(ese: &Path, broker: &Broker) -> Result<Running> {
    let data = env::temp_dir().join(format!("ese-test-broker-{}", process::id()));
    fs::create_dir_all(&data).with_context(|| format!("could not make {}", data.display()))?;
    let child = command(ese)
        .args(["broker", "--port", "0", "--broker", &broker.to_string(), "--data-dir"])
        .arg(&data)
        // The broker also stops when this pipe closes, so none survives a killed test run.
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("could not start {}", ese.display()))?;
    let mut running = Running { address: String::new(), child, data };

    let stdout = running.child.stdout.take().context("the broker has no stdout")?;
    let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
    let ready = lines.find_map(|line| {
        println!("{line}");
        line.strip_prefix("broker ready at ").map(str::to_owned)
    });
    running.address = ready.context("the broker ended before it was ready; its output is above")?;
    // Later output must not fill the pipe.
    thread::spawn(move || lines.for_each(drop));
    Ok(running)
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        wait("The broker", &mut self.child, Duration::from_secs(20));
        fs::remove_dir_all(&self.data).ok();
    }
}
