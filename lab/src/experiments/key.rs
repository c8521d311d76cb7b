//! `ese key`: makes, lists and revokes the write keys of a keys file.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, ensure};
use runtime::keys::{self, KeyEntry, KeysFile};
use runtime::secret::SecretHash;

use crate::run::atomic_file;
use crate::terminal;

/// The flags of `ese key`.
#[derive(Clone, Debug, clap::Args)]
pub struct KeyArgs {
    /// The command.
    #[command(subcommand)]
    pub command: Command,
    /// The file of the write keys, as backend and consumer have it
    #[arg(long, global = true, env = "ESE_KEYS_FILE", default_value = "./keys.json", value_name = "FILE")]
    pub keys_file: PathBuf,
}

/// The commands for write keys.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Command {
    /// Make a key and print it, this once: the file has only its hash
    Add(NewKey),
    /// Print the names, the origins and the limits of the keys
    List,
    /// End a key; running services follow within a second
    Revoke {
        /// Its name
        name: String,
    },
}

/// A new key.
#[derive(Clone, Debug, clap::Args)]
pub struct NewKey {
    /// Its name, for people
    #[arg(value_parser = keys::name)]
    pub name: String,
    /// The origins whose pages may use it, such as https://shop.example,https://www.shop.example; * for all, and none for programs alone
    #[arg(long, value_delimiter = ',', value_name = "ORIGIN,…", value_parser = keys::origin)]
    pub origins: Vec<String>,
    /// How many events it may send each second, at every backend
    #[arg(long, default_value_t = 1000, value_name = "EVENTS", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub rate: u32,
    /// How many events it may send at once after a pause; by default those of ten seconds
    #[arg(long, value_name = "EVENTS", value_parser = clap::value_parser!(u32).range(1..=1_000_000_000))]
    pub burst: Option<u32>,
    /// How many bytes it may send each second
    #[arg(long, default_value_t = 1 << 20, value_name = "BYTES", value_parser = clap::value_parser!(u32).range(1..=1_000_000_000))]
    pub bytes: u32,
}

/// Runs the command.
pub fn run(args: KeyArgs) -> anyhow::Result<ExitCode> {
    let path = args.keys_file.as_path();
    let mut file = read(path)?;
    match args.command {
        Command::List => terminal::out(&table(&file)),
        Command::Add(NewKey { name, origins, rate, burst, bytes }) => {
            ensure!(file.keys.iter().all(|key| key.name != name), "there is a key `{name}` already; revoke it first");
            let secret = keys::random();
            let burst = burst.unwrap_or(rate * 10);
            let sha256 = SecretHash::of(secret.as_bytes());
            file.keys.push(KeyEntry { name, sha256, origins, events_per_second: rate, burst, bytes_per_second: bytes });
            write(path, &file)?;
            terminal::err("The key; it is not shown again:");
            terminal::out(&secret);
        }
        Command::Revoke { name } => {
            let before = file.keys.len();
            file.keys.retain(|key| key.name != name);
            ensure!(file.keys.len() < before, "there is no key `{name}` in {}", path.display());
            write(path, &file)?;
            terminal::err(&format!("The key `{name}` is revoked."));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The keys of the file; none if there is no file.
fn read(path: &Path) -> anyhow::Result<KeysFile> {
    match std::fs::read_to_string(path) {
        Ok(text) => KeysFile::parse(&text).map_err(|why| anyhow::anyhow!("{}: {why}", path.display())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(KeysFile::default()),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

fn write(path: &Path, file: &KeysFile) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(file)? + "\n";
    KeysFile::parse(&text).map_err(anyhow::Error::msg)?;
    Ok(atomic_file::write_private(path, &text)?)
}

fn table(file: &KeysFile) -> String {
    let mut lines = vec![format!("{:<24} {:>9} {:>9} {:>10}  ORIGINS", "NAME", "EVENTS/S", "BURST", "BYTES/S")];
    lines.extend(file.keys.iter().map(|key| {
        let KeyEntry { name, events_per_second, burst, bytes_per_second, .. } = key;
        let origins = if key.origins.is_empty() { "none: programs alone".to_owned() } else { key.origins.join(", ") };
        format!("{name:<24} {events_per_second:>9} {burst:>9} {bytes_per_second:>10}  {origins}")
    }));
    lines.join("\n")
}
