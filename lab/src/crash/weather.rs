//! Kills parts at random moments and starts them again.

use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;

use super::Victim;
use crate::stack::Stack;
use crate::terminal;

/// Kills `kills` times; answers what was killed. Every part is running, or starting, when it returns.
pub(super) async fn kill(
    stack: &Stack,
    parts: &[Victim],
    kills: u32,
    random: &mut StdRng,
) -> anyhow::Result<Vec<String>> {
    let others: Vec<Victim> = parts.iter().copied().filter(|&part| part != Victim::Broker).collect();
    let mut killed = Vec::new();
    while killed.len() < kills as usize {
        pause(random, 100..1000).await;
        // The broker takes seconds to come back; killed as often as the others it would hardly ever be there.
        let broker = parts.contains(&Victim::Broker) && (others.is_empty() || random.random_bool(0.12));
        let part = if broker { Victim::Broker } else { others[random.random_range(0..others.len())] }.name();
        stack.kill(part).await?;
        killed.push(part.to_owned());
        terminal::err(&format!("kill {:>3}: {part}", killed.len()));
        pause(random, 0..1200).await;
        // Whatever waits for the broker inside the backend dies with it.
        if part == "broker" && parts.contains(&Victim::Backend) && killed.len() < kills as usize {
            stack.kill("backend").await?;
            killed.push("backend".to_owned());
            terminal::err(&format!("kill {:>3}: backend, while the broker is down", killed.len()));
            stack.restart("backend").await?;
        }
        stack.restart(part).await?;
    }
    Ok(killed)
}

async fn pause(random: &mut StdRng, millis: std::ops::Range<u64>) {
    tokio::time::sleep(Duration::from_millis(random.random_range(millis))).await;
}
