//! A broker that is chosen and prepared for one data directory.

use std::path::Path;

use super::choice::{BrokerChoice, Choice, Kind, choose};
use super::detour::Detour;
use super::error::BrokerError;
use super::files::write;
use super::installed::find_installed;
use super::{apache, nisshi};
use crate::run::ports;
use crate::run::supervise::Recipe;

/// The broker of a data directory, chosen and prepared.
#[derive(Debug)]
pub struct Broker {
    /// `HOST:PORT` for Kafka clients.
    pub address: String,
    /// The recipe of its process; none if it runs elsewhere.
    pub recipe: Option<Recipe>,
    /// The choice and its reason, as a sentence.
    pub reason: String,
    /// Other ways to it, for faults.
    pub detours: Vec<Detour>,
}

/// Chooses a broker for `data_dir` and prepares it to listen on `port` of 127.0.0.1, or on a free one if that is 0.
pub async fn prepare(wanted: &BrokerChoice, data_dir: &Path, port: u16) -> Result<Broker, BrokerError> {
    let home = data_dir.join("broker");
    let kept = home.join("kind");
    let (choice, reason) = choose(wanted, &find_installed(), kind_of(&kept))?;
    let kind = choice.kind();
    let [free, controller, ways @ ..] = ports::pick::<8>().map_err(BrokerError::Port)?;
    let mut detours = Vec::new();
    let own_port = || match port {
        0 => Ok(free),
        port => ports::check(port).map(|()| port),
    };
    let here = |port| format!("127.0.0.1:{port}");
    let log = data_dir.join("logs/broker.log");
    let (address, recipe) = match choice {
        Choice::Address(address) => (address, None),
        Choice::Apache { java, jars, .. } => {
            let port = own_port()?;
            detours.extend(Detour::all(ways));
            let dir = home.join("apache");
            let apache = apache::Apache { java, jars, dir, port, controller, detours: detours.clone() };
            (here(port), Some(apache.recipe(log).await?))
        }
        Choice::Nisshi { program } => {
            let port = own_port()?;
            (here(port), Some(nisshi::recipe(program, &home.join("nisshi"), port, log)?))
        }
    };
    write(&kept, kind.to_string().as_bytes())?;
    Ok(Broker { address, recipe, reason, detours })
}

/// The broker of the earlier use of the data directory: the services' databases hold its offsets.
fn kind_of(kept: &Path) -> Option<Kind> {
    std::fs::read_to_string(kept).ok()?.trim().parse().ok()
}
