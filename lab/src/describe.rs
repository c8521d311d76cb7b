//! `ese describe`: the descriptions of all interfaces as files, for the documentation.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::run::atomic_file;

/// The flags of `ese describe`.
#[derive(Clone, Debug, clap::Args)]
pub struct DescribeArgs {
    /// Directory to write into, made if it is not there
    #[arg(value_name = "DIR")]
    pub into: PathBuf,
}

/// Writes OpenAPI, AsyncAPI and the JSON Schemas.
pub fn run(args: &DescribeArgs) -> anyhow::Result<ExitCode> {
    for (name, text) in domain::describe::files().into_iter().chain(verdict::describe::files()) {
        atomic_file::write(&args.into.join(name), &text)?;
    }
    Ok(ExitCode::SUCCESS)
}
