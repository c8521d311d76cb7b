//! Kills parts at random moments and starts them again; of several consumers it also stops some properly.

use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;

use crate::run::stack::Stack;
use crate::terminal;

/// After so many kills a consumer leaves its group properly.
const KILLS_BEFORE_LEAVE: usize = 3;

/// A part that can be killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum KillTarget {
    /// The backend
    Backend,
    /// One of the consumers
    Consumer,
    /// The mailer
    Mailer,
    /// The broker
    Broker,
}

/// The events of a storm.
#[derive(Debug, Default)]
pub(super) struct Storm {
    /// The parts that were killed.
    pub(super) kills: Vec<&'static str>,
    /// How often a consumer left its group properly.
    pub(super) leaves: u32,
}

/// Kills `kills` times. Every part is running, or starting, when it returns.
pub(super) async fn run_test(
    stack: &Stack,
    parts: &[KillTarget],
    kills: u32,
    random: &mut StdRng,
) -> anyhow::Result<Storm> {
    let others: Vec<KillTarget> = parts.iter().copied().filter(|&part| part != KillTarget::Broker).collect();
    let mut storm = Storm::default();
    while storm.kills.len() < kills as usize {
        pause(random, 100..1000).await;
        // The broker takes seconds to come back; killed as often as the others it would hardly ever be there.
        let broker = parts.contains(&KillTarget::Broker) && (others.is_empty() || random.random_bool(0.12));
        let victim = if broker { KillTarget::Broker } else { others[random.random_range(0..others.len())] };
        let part = match victim {
            KillTarget::Backend => "backend",
            KillTarget::Consumer => one_of(stack.consumers(), random),
            KillTarget::Mailer => "mailer",
            KillTarget::Broker => "broker",
        };
        stack.kill(part).await?;
        storm.kills.push(part);
        terminal::err(&format!("kill {:>3}: {part}", storm.kills.len()));
        pause(random, 0..1200).await;
        // Whatever waits for the broker inside the backend dies with it.
        if part == "broker" && parts.contains(&KillTarget::Backend) && storm.kills.len() < kills as usize {
            stack.kill("backend").await?;
            storm.kills.push("backend");
            terminal::err(&format!("kill {:>3}: backend, while the broker is down", storm.kills.len()));
            stack.restart("backend").await?;
        }
        stack.restart(part).await?;
        if storm.kills.len() % KILLS_BEFORE_LEAVE == 0 && parts.contains(&KillTarget::Consumer) {
            storm.leaves += leave(stack, random).await?;
        }
    }
    Ok(storm)
}

/// Stops one of the additional consumers as an operator does, and starts it again; answers how many it stopped.
async fn leave(stack: &Stack, random: &mut StdRng) -> anyhow::Result<u32> {
    let [_, additional @ ..] = stack.consumers() else { return Ok(0) };
    if additional.is_empty() {
        return Ok(0);
    }
    let part = one_of(additional, random);
    terminal::err(&format!("stop     : {part}"));
    stack.stop_part(part).await?;
    pause(random, 0..1200).await;
    stack.restart(part).await?;
    Ok(1)
}

fn one_of(parts: &[&'static str], random: &mut StdRng) -> &'static str {
    // A single part takes no random number, so that a seed repeats the same kills.
    if parts.len() == 1 { parts[0] } else { parts[random.random_range(0..parts.len())] }
}

async fn pause(random: &mut StdRng, millis: std::ops::Range<u64>) {
    tokio::time::sleep(Duration::from_millis(random.random_range(millis))).await;
}
