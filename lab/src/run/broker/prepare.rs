//! A broker that is chosen and prepared for one data directory.

use std::path::Path;

use futures_util::future::try_join_all;

use super::apache::Apache;
use super::choice::{BROKER, BrokerChoice, Choice, Kind, choose};
use super::detour::Detour;
use super::error::BrokerError;
use super::files::write;
use super::installed::find_installed;
use super::{apache, memory, nisshi};
use crate::run::ports;
use crate::run::supervise::Recipe;

/// The names of the parts of a cluster.
const CLUSTER: [&str; 3] = ["broker-1", "broker-2", "broker-3"];

/// The broker of a data directory, or the cluster, chosen and prepared.
#[derive(Debug)]
pub struct Broker {
    /// `HOST:PORT[,HOST:PORT…]` for Kafka clients.
    pub address: String,
    /// The recipe of each process, and its `HOST:PORT`; none if the broker runs elsewhere.
    pub nodes: Vec<(Recipe, String)>,
    /// The choice and its reason, as a sentence.
    pub reason: String,
    /// Other ways to each broker, for faults.
    pub detours: Vec<Detour>,
}

/// Chooses a broker for `data_dir` and prepares it to listen on `port` of 127.0.0.1, or on a free one if that is 0.
/// A cluster of three listens on `port` and the two after it.
pub async fn prepare(wanted: &BrokerChoice, brokers: u8, data_dir: &Path, port: u16) -> Result<Broker, BrokerError> {
    let home = data_dir.join("broker");
    let kept = home.join("kind");
    let (choice, mut reason) = choose(wanted, &find_installed(), kind_of(&kept))?;
    let kind = choice.kind();
    if brokers > 1 {
        if kind != Kind::Apache {
            return Err(BrokerError::NoCluster { brokers, choice: choice.to_string() });
        }
        let needed = memory::of(brokers);
        memory::check(needed)?;
        reason += &format!("; {brokers} brokers take about {needed} MB of memory");
    }
    let [free @ .., c1, c2, c3] = ports::pick::<6>().map_err(BrokerError::Port)?;
    let own_port = |index: u16| match port {
        0 => Ok(free[usize::from(index)]),
        port => {
            let port = port.saturating_add(index);
            ports::check(port).map(|()| port)
        }
    };
    let log = |name: &str| data_dir.join(format!("logs/{name}.log"));
    let mut detours = Vec::new();
    let nodes = match choice {
        Choice::Address(address) => {
            write(&kept, kind.to_string().as_bytes())?;
            return Ok(Broker { address, nodes: Vec::new(), reason, detours });
        }
        Choice::Apache { java, jars, .. } if brokers == 1 => {
            let dir = home.join("apache");
            refuse_size(&home.join("apache-1"), 3)?;
            detours.extend(Detour::all(ports::pick().map_err(BrokerError::Port)?));
            let (port, cluster) = (own_port(0)?, apache::cluster_id(&dir.join("cluster-id"))?);
            let (controllers, detours) = (vec![c1], detours.clone());
            let node = Apache { java, jars, name: BROKER, cluster, index: 0, dir, port, controllers, detours };
            vec![(node.recipe(log(BROKER)).await?, port)]
        }
        Choice::Apache { java, jars, .. } => {
            refuse_size(&home.join("apache"), 1)?;
            let cluster = apache::cluster_id(&home.join("cluster-id"))?;
            let ports = [own_port(0)?, own_port(1)?, own_port(2)?];
            let mut nodes = Vec::new();
            for (index, (name, port)) in CLUSTER.into_iter().zip(ports).enumerate() {
                let own: Vec<Detour> = Detour::all(ports::pick().map_err(BrokerError::Port)?).collect();
                detours.extend(own.iter().copied());
                nodes.push(Apache {
                    java: java.clone(),
                    jars: jars.clone(),
                    name,
                    cluster: cluster.clone(),
                    index,
                    dir: home.join(format!("apache-{}", index + 1)),
                    port,
                    controllers: vec![c1, c2, c3],
                    detours: own,
                });
            }
            let recipes = try_join_all(nodes.iter().map(|node| node.recipe(log(node.name)))).await?;
            recipes.into_iter().zip(ports).collect()
        }
        Choice::Nisshi { program } => {
            let port = own_port(0)?;
            vec![(nisshi::recipe(program, &home.join("nisshi"), port, log(BROKER))?, port)]
        }
    };
    write(&kept, kind.to_string().as_bytes())?;
    let nodes: Vec<(Recipe, String)> =
        nodes.into_iter().map(|(recipe, port)| (recipe, format!("127.0.0.1:{port}"))).collect();
    let addresses: Vec<&str> = nodes.iter().map(|(_, address)| address.as_str()).collect();
    Ok(Broker { address: addresses.join(","), nodes, reason, detours })
}

/// Refuses the data of a cluster of another size: the records are spread over its brokers.
fn refuse_size(other: &Path, kept: u8) -> Result<(), BrokerError> {
    if other.exists() { Err(BrokerError::OtherSize { kept }) } else { Ok(()) }
}

/// The broker of the earlier use of the data directory: the services' databases hold its offsets.
fn kind_of(kept: &Path) -> Option<Kind> {
    std::fs::read_to_string(kept).ok()?.trim().parse().ok()
}
