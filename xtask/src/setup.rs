//! `cargo xtask setup`: only the tools, by group.

use anyhow::{Result, bail};

use crate::broker::Broker;
use crate::tools;

/// Installs only the named groups of tools, then prints how to use them from a shell.
pub(crate) fn run(what: &[String]) -> Result<()> {
    let mut what: Vec<&str> = what.iter().map(String::as_str).collect();
    if what.is_empty() {
        what = vec!["page", "broker"];
    }
    if what.contains(&"all") {
        what = vec!["page", "apache", "nisshi", "browser", "postgres", "schemathesis"];
    }
    for group in what {
        match group {
            "page" => {
                tools::wasm()?;
                tools::trunk()?;
            }
            "broker" => broker(&Broker::auto())?,
            "apache" => broker(&Broker::Apache)?,
            "nisshi" => broker(&Broker::Nisshi)?,
            "browser" => {
                tools::browser()?;
                tools::axe()?;
            }
            "postgres" => tools::postgres()?,
            "schemathesis" => drop(tools::schemathesis()?),
            "trackers" => drop(tools::trackers()?),
            other => {
                bail!(
                    "there is no group of tools `{other}`: page, broker, apache, nisshi, browser, postgres, schemathesis, \
                     trackers, all"
                )
            }
        }
    }
    let bin = tools::dir()?.join("bin");
    println!("\nAll set up. For `trunk serve` from your own shell:\n\n    export PATH=\"{}:$PATH\"", bin.display());
    Ok(())
}

/// Installs what a broker needs; nothing for one that runs elsewhere.
pub(crate) fn broker(broker: &Broker) -> Result<()> {
    match broker {
        Broker::Apache => tools::apache(),
        Broker::Nisshi => tools::nisshi(),
        Broker::Address(_) => Ok(()),
    }
}
