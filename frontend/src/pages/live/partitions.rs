//! The partitions of Kafka: the stored position, the end, the leader, the copies and the reading consumer of each.

use domain::api::Partition;
use leptos::prelude::*;

use crate::components::fold::Fold;
use crate::context::Page;
use crate::format::count;
use crate::memo::Memo;
use crate::signals::{age_if_old, changing, text};

/// The most rows.
const MOST: usize = 24;

/// The table.
#[component]
pub fn Partitions() -> impl IntoView {
    let page = Page::here();
    let partitions = Memo::new(move |_| page.state.with(|state| state.partitions.clone()));
    let old = age_if_old();
    let rows = move || {
        let old = old.get().is_some();
        partitions.get().iter().take(MOST).map(|partition| row(partition.clone(), old)).collect_view()
    };
    let below = text(move || match partitions.with(|partitions| partitions.len()) {
        0 => "Nothing is known of any partition: no broker is connected.".to_owned(),
        all => all.checked_sub(MOST + 1).map(|more| format!("And {} more.", more + 1)).unwrap_or_default(),
    });
    view! {
        <div class="partitions">
            <Fold heading="Inside kafka">
                <p class="hint">
                    "A topic is several logs. The events of one address go to one of them, in order; one consumer of the group reads each, from its stored position."
                </p>
                <div class="scroll" tabindex="0" role="region" aria-label="Partitions of kafka">
                    <table class="ledger">
                        <thead><tr>
                            <th scope="col">"Partition"</th><th scope="col">"Next to process"</th><th scope="col">"End of the log"</th>
                            <th scope="col">"Waiting"</th><th scope="col">"Leader"</th><th scope="col">"In sync"</th>
                            <th scope="col" class="owner">"Read by"</th>
                        </tr></thead>
                        <tbody>{changing(rows)}</tbody>
                    </table>
                </div>
                <p class="hint">{below}</p>
            </Fold>
        </div>
    }
}

fn row(partition: Partition, old: bool) -> impl IntoView {
    let Partition { topic, partition, position, end, leader, replicas, in_sync, owner } = partition;
    // The position is newer than the end: it moves with each batch.
    let end = end.max(position);
    // The consumer reports all this; while it is silent nothing is known.
    let owner = if old { "not known".to_owned() } else { owner.unwrap_or_else(|| "none".to_owned()) };
    let replication = if old { ("–".to_owned(), "–".to_owned()) } else { replication(leader, &replicas, &in_sync) };
    let waits = if old { "–".to_owned() } else { count((end - position).unsigned_abs()) };
    let number = |number: i64| count(number.unsigned_abs());
    view! {
        <tr data-testid="partition">
            <th scope="row">{topic}" / "{partition.to_string()}</th>
            <td class="figures">{number(position)}</td>
            <td class="figures">{number(end)}</td>
            <td class="figures waits" data-waits=(end > position).to_string()>{waits}</td>
            <td class="figures waits" data-testid="leader" data-waits=leader.is_none().to_string()>{replication.0}</td>
            <td class="figures" data-testid="in-sync">{replication.1}</td>
            <td class="owner" title=owner.clone()>{owner.clone()}</td>
        </tr>
    }
}

/// The leader, and the brokers with a complete copy out of all that keep one.
fn replication(leader: Option<i32>, replicas: &[i32], in_sync: &[i32]) -> (String, String) {
    let leader = leader.map_or_else(|| "election".to_owned(), |leader| leader.to_string());
    let numbers: Vec<String> = in_sync.iter().map(i32::to_string).collect();
    (leader, format!("{} (of {})", numbers.join(", "), replicas.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_leader_and_a_missing_copy_are_shown() {
        let texts = |leader: &str, in_sync: &str| (leader.to_owned(), in_sync.to_owned());
        assert_eq!(replication(Some(2), &[1, 2, 3], &[1, 2, 3]), texts("2", "1, 2, 3 (of 3)"));
        assert_eq!(replication(None, &[1, 2, 3], &[3]), texts("election", "3 (of 3)"));
        assert_eq!(replication(Some(1), &[1], &[1]), texts("1", "1 (of 1)"));
    }
}
