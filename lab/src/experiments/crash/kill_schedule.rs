//! Kills parts at random moments and restarts them; of several consumers some are also stopped with SIGTERM.

use std::time::Duration;

use domain::api::faults::FaultRequest;
use rand::RngExt;
use rand::rngs::StdRng;

use crate::run::faults::FaultError;
use crate::run::stack::Stack;
use crate::terminal;

/// After this many kills a consumer leaves its group properly.
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

/// The kills and leaves of a run.
#[derive(Debug, Default)]
pub(super) struct KillLog {
    pub(super) kills: Vec<&'static str>,
    /// How often a consumer left its group properly.
    pub(super) leaves: u32,
}

/// Kills as long as `goes_on` is true for the number of kills so far. Every part is running, or starting, when it returns.
pub(super) async fn run(
    stack: &Stack,
    parts: &[KillTarget],
    goes_on: impl Fn(usize) -> bool,
    random: &mut StdRng,
) -> anyhow::Result<KillLog> {
    let others: Vec<KillTarget> = parts.iter().copied().filter(|&part| part != KillTarget::Broker).collect();
    let mut log = KillLog::default();
    while goes_on(log.kills.len()) {
        pause(random, 100..1000).await;
        // The broker takes seconds to restart; killed as often as the others, it would hardly ever run.
        let broker = parts.contains(&KillTarget::Broker) && (others.is_empty() || random.random_bool(0.12));
        let target = if broker { KillTarget::Broker } else { others[random.random_range(0..others.len())] };
        let part = match target {
            KillTarget::Backend => "backend",
            KillTarget::Consumer => one_of(stack.consumers(), random),
            KillTarget::Mailer => "mailer",
            KillTarget::Broker => one_of(stack.brokers(), random),
        };
        let killed = kill(stack, part).await?;
        log.kills.push(part);
        terminal::err(&format!("kill {:>3}: {part}", log.kills.len()));
        pause(random, 0..1200).await;
        // Records that wait for the broker inside the backend are lost with it.
        if target == KillTarget::Broker && parts.contains(&KillTarget::Backend) && goes_on(log.kills.len()) {
            let killed = kill(stack, "backend").await?;
            log.kills.push("backend");
            terminal::err(&format!("kill {:>3}: backend, while {part} is down", log.kills.len()));
            stack.faults().stop(killed).await?;
        }
        stack.faults().stop(killed).await?;
        if log.kills.len() % KILLS_BEFORE_LEAVE == 0 && parts.contains(&KillTarget::Consumer) {
            log.leaves += leave(stack, random).await?;
        }
    }
    Ok(log)
}

/// Stops one of the additional consumers with SIGTERM and restarts it; returns how many were stopped.
async fn leave(stack: &Stack, random: &mut StdRng) -> anyhow::Result<u32> {
    let [_, additional @ ..] = stack.consumers() else { return Ok(0) };
    if additional.is_empty() {
        return Ok(0);
    }
    let part = one_of(additional, random);
    terminal::err(&format!("stop     : {part}"));
    stack.parts().get(part)?.stop().await;
    pause(random, 0..1200).await;
    stack.parts().get(part)?.restart().await?;
    Ok(1)
}

/// Returns the number of the fault; its end starts the part again.
async fn kill(stack: &Stack, part: &str) -> Result<u64, FaultError> {
    Ok(stack.faults().start(FaultRequest::new("kill", part)).await?.id)
}

fn one_of(parts: &[&'static str], random: &mut StdRng) -> &'static str {
    // A single part takes no random number, so that a seed repeats the same kills.
    if parts.len() == 1 { parts[0] } else { parts[random.random_range(0..parts.len())] }
}

async fn pause(random: &mut StdRng, millis: std::ops::Range<u64>) {
    tokio::time::sleep(Duration::from_millis(random.random_range(millis))).await;
}
