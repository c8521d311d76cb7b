//! Headless Chromium through ChromeDriver, both started here and ended here.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;
use thirtyfour::{ChromiumLikeCapabilities, DesiredCapabilities, WebDriver};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// Flags of a browser under test: no requests to its maker's servers, no shared profile.
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

/// A running browser.
pub struct Browser {
    /// The WebDriver client.
    pub driver: WebDriver,
    _chromedriver: Child,
    _profile: TempDir,
}

impl Browser {
    /// Starts one with a window of `width` × `height` CSS pixels.
    pub async fn start(width: u32, height: u32) -> Result<Self> {
        let (chromedriver, port) = start_chromedriver().await?;
        let profile = tempfile::tempdir()?;
        let mut capabilities = DesiredCapabilities::chrome();
        for flag in FLAGS {
            capabilities.add_arg(flag)?;
        }
        capabilities.add_arg(&format!("--user-data-dir={}", profile.path().display()))?;
        capabilities.add_arg(&format!("--window-size={width},{height}"))?;
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities).await.context("no Chromium")?;
        Ok(Self { driver, _chromedriver: chromedriver, _profile: profile })
    }

    /// Ends the browser.
    pub async fn end(self) {
        if let Err(error) = self.driver.quit().await {
            eprintln!("Chromium did not quit: {error}");
        }
    }
}

async fn start_chromedriver() -> Result<(Child, u16)> {
    let mut child = Command::new("chromedriver")
        .args(["--port=0", "--allowed-ips=127.0.0.1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .context("chromedriver cannot be started; `cargo xtask setup browser` installs it")?;
    let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
    let find = async {
        while let Some(line) = lines.next_line().await? {
            if let Some((_, port)) = line.split_once("successfully on port ") {
                return Ok(port.trim_end_matches('.').parse()?);
            }
        }
        bail!("chromedriver ended before it printed its port")
    };
    let port = tokio::time::timeout(Duration::from_secs(30), find).await.context("chromedriver does not start")??;
    // The later output is not needed, but chromedriver must not fail on a closed pipe.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    Ok((child, port))
}
