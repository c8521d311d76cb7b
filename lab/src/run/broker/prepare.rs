//! A broker that is chosen and prepared for one data directory.

use std::path::Path;

use anyhow::ensure;
use futures_util::future::try_join_all;

use super::apache::Apache;
use super::choice::{BROKER, BrokerChoice, Choice, Kind, choose};
use super::detour::Detour;
use super::installed::find_installed;
use super::{apache, memory, nisshi};
use crate::run::supervise::Recipe;
use crate::run::{atomic_file, free_ports};

/// The name of the only broker, and its directory.
const ALONE: [(&str, &str); 1] = [(BROKER, "apache")];
/// The same for those of a cluster.
const CLUSTER: [(&str, &str); 3] = [("broker-1", "apache-1"), ("broker-2", "apache-2"), ("broker-3", "apache-3")];

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
pub async fn prepare(wanted: &BrokerChoice, brokers: u8, data_dir: &Path, port: u16) -> anyhow::Result<Broker> {
    let home = data_dir.join("broker");
    let kept = home.join("kind");
    let (choice, mut reason) = choose(wanted, &find_installed(), kind_of(&kept))?;
    let kind = choice.kind();
    if brokers > 1 {
        ensure!(
            kind == Kind::Apache,
            "{brokers} brokers are started as Apache Kafka only, and the choice is {choice}: give --broker apache"
        );
        let needed = memory::check(brokers)?;
        reason += &format!("; {brokers} brokers take about {needed} MB of memory");
    }
    let (free, controllers): ([u16; 3], [u16; 3]) = (free_ports::pick()?, free_ports::pick()?);
    let own_port = |index: u16| match port {
        0 => Ok(free[usize::from(index)]),
        port => {
            let port = port.saturating_add(index);
            free_ports::check(port).map(|()| port)
        }
    };
    let log = |name: &str| data_dir.join(format!("logs/{name}.log"));
    let mut detours = Vec::new();
    let nodes: Vec<(Recipe, u16)> = match choice {
        Choice::Address(address) => {
            atomic_file::write(&kept, &kind.to_string())?;
            return Ok(Broker { address, nodes: Vec::new(), reason, detours });
        }
        Choice::Apache { java, jars, .. } => {
            let (parts, cluster_id, other, other_size) = match brokers {
                1 => (&ALONE[..], "apache/cluster-id", CLUSTER[0].1, 3),
                _ => (&CLUSTER[..], "cluster-id", ALONE[0].1, 1),
            };
            // The records are spread over the brokers of a cluster.
            ensure!(
                !home.join(other).exists(),
                "the records of this data directory belong to {other_size} broker(s): give --brokers {other_size}, or \
                 another --data-dir"
            );
            let cluster = apache::cluster_id(&home.join(cluster_id))?;
            let mut nodes = Vec::new();
            for (&(name, dir), index) in parts.iter().zip(0..) {
                let own: Vec<Detour> = Detour::all(free_ports::pick()?).collect();
                detours.extend(own.iter().copied());
                nodes.push(Apache {
                    java: java.clone(),
                    jars: jars.clone(),
                    name,
                    cluster: cluster.clone(),
                    index: usize::from(index),
                    dir: home.join(dir),
                    port: own_port(index)?,
                    controllers: controllers[..parts.len()].to_vec(),
                    detours: own,
                });
            }
            let recipes = try_join_all(nodes.iter().map(|node| node.recipe(log(node.name)))).await?;
            recipes.into_iter().zip(nodes.iter().map(|node| node.port)).collect()
        }
        Choice::Nisshi { program } => {
            let port = own_port(0)?;
            vec![(nisshi::recipe(program, &home.join("nisshi"), port, log(BROKER))?, port)]
        }
    };
    atomic_file::write(&kept, &kind.to_string())?;
    let nodes: Vec<_> = nodes.into_iter().map(|(recipe, port)| (recipe, format!("127.0.0.1:{port}"))).collect();
    let addresses: Vec<&str> = nodes.iter().map(|(_, address)| address.as_str()).collect();
    Ok(Broker { address: addresses.join(","), nodes, reason, detours })
}

/// The broker of the earlier use of the data directory: the services' databases hold its offsets.
fn kind_of(kept: &Path) -> Option<Kind> {
    let kept = std::fs::read_to_string(kept).ok()?;
    [Kind::Apache, Kind::Nisshi, Kind::Address].into_iter().find(|kind| kind.to_string() == kept.trim())
}
