//! A headless browser through its WebDriver, both started here and ended here.

use std::env;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;
use thirtyfour::common::capabilities::firefox::FirefoxPreferences;
use thirtyfour::{Capabilities, ChromiumLikeCapabilities, DesiredCapabilities, WebDriver};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// Flags of Chromium under test: no requests to its maker's servers, no shared profile.
const FLAGS: [&str; 9] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// A name that the browser takes for another machine, but finds on this one.
pub const OTHER_MACHINE: &str = "shop.example";

/// A running browser.
pub struct Browser {
    /// The WebDriver client.
    pub driver: WebDriver,
    _server: Child,
    _profile: TempDir,
}

impl Browser {
    /// Starts one with a window of `width` × `height` CSS pixels: Chromium, or Firefox where `ESE_TEST_BROWSER` is `firefox`.
    ///
    /// # Errors
    ///
    /// The browser or its driver is missing or does not start, or the variable names another browser.
    pub async fn start(width: u32, height: u32) -> Result<Self> {
        let profile = tempfile::tempdir()?;
        let wanted = env::var("ESE_TEST_BROWSER").unwrap_or_default();
        let (program, args, capabilities) = match wanted.as_str() {
            "" | "chromium" => {
                ("chromedriver", ["--port=0", "--allowed-ips=127.0.0.1"], chromium(width, height, profile.path())?)
            }
            "firefox" => ("geckodriver", ["--port=0", "--host=127.0.0.1"], firefox(width, height)?),
            other => bail!("ESE_TEST_BROWSER is `{other}`; it may be `chromium` or `firefox`"),
        };
        let (server, port) = start_driver(program, &args).await?;
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities);
        let driver = driver.await.with_context(|| format!("{program} starts no browser"))?;
        Ok(Self { driver, _server: server, _profile: profile })
    }

    /// Ends the browser.
    pub async fn end(self) {
        if let Err(error) = self.driver.quit().await {
            eprintln!("the browser did not quit: {error}");
        }
    }
}

fn chromium(width: u32, height: u32, profile: &Path) -> Result<Capabilities> {
    let mut capabilities = DesiredCapabilities::chrome();
    for flag in FLAGS {
        capabilities.add_arg(flag)?;
    }
    capabilities.add_arg(&format!("--host-resolver-rules=MAP {OTHER_MACHINE} 127.0.0.1"))?;
    capabilities.add_arg(&format!("--user-data-dir={}", profile.display()))?;
    capabilities.add_arg(&format!("--window-size={width},{height}"))?;
    Ok(capabilities.into())
}

/// Its driver makes a profile without requests to its maker's servers.
fn firefox(width: u32, height: u32) -> Result<Capabilities> {
    let mut capabilities = DesiredCapabilities::firefox();
    for flag in ["-headless", &format!("--width={width}"), &format!("--height={height}")] {
        capabilities.add_arg(flag)?;
    }
    let mut preferences = FirefoxPreferences::new();
    preferences.set("network.dns.localDomains", OTHER_MACHINE)?;
    capabilities.set_preferences(preferences)?;
    Ok(capabilities.into())
}

/// Starts the server of a driver, and reads in its output which port it has.
async fn start_driver(program: &str, args: &[&str]) -> Result<(Child, u16)> {
    let mut child = Command::new(program)
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("{program} cannot be started; `cargo xtask setup browser` installs it"))?;
    let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
    let find = async {
        while let Some(line) = lines.next_line().await? {
            let port = line.split_once("successfully on port ").or(line.split_once("Listening on 127.0.0.1:"));
            if let Some((_, port)) = port {
                return Ok(port.trim_end_matches('.').parse()?);
            }
        }
        bail!("{program} ended before it printed its port")
    };
    let port = tokio::time::timeout(Duration::from_secs(30), find).await;
    let port = port.with_context(|| format!("{program} does not start"))??;
    // The later output is not needed, but the driver must not fail on a closed pipe.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    Ok((child, port))
}
