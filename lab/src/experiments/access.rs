//! The admin token of commands that look at a running stack, or change it.

use std::path::PathBuf;

use anyhow::Context;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use runtime::secret::bearer_header;

/// The option of these commands.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct AccessArgs {
    /// File with the admin token of the stack, if it has one
    #[arg(long, env = "ESE_ADMIN_TOKEN_FILE", global = true, value_name = "FILE")]
    pub admin_token_file: Option<PathBuf>,
}

impl AccessArgs {
    /// The headers of every request: the token, or none.
    pub fn headers(&self) -> anyhow::Result<HeaderMap> {
        let Some(file) = &self.admin_token_file else { return Ok(HeaderMap::new()) };
        let token = std::fs::read_to_string(file);
        let token = token.with_context(|| format!("cannot read the admin token in {}", file.display()))?;
        Ok(bearer_header(token.trim()))
    }
}

/// An error if the stack asks for its admin token.
pub(super) fn check(status: StatusCode) -> anyhow::Result<()> {
    anyhow::ensure!(status != StatusCode::UNAUTHORIZED, "the stack asks for its admin token: give --admin-token-file");
    Ok(())
}
