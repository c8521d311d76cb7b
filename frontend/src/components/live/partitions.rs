//! Kafka's lane from within: where the books are in each partition, where it ends, and which consumer reads it.

use domain::api::Partition;
use leptos::prelude::*;

use crate::context::Page;
use crate::format::count;

/// How many are shown at most.
const MOST: usize = 24;

/// The table.
#[component]
pub fn Partitions() -> impl IntoView {
    let page = Page::here();
    let keys =
        Memo::new(move |_| page.state.with(|state| state.partitions.iter().map(key).take(MOST).collect::<Vec<_>>()));
    let more = Memo::new(move |_| page.state.with(|state| state.partitions.len().saturating_sub(MOST)));
    let row = |key| view! { <PartitionRow key/> };
    view! {
        <section class="partitions" aria-labelledby="partitions-title">
            <h2 id="partitions-title">"Inside kafka"</h2>
            <p class="hint">"A topic is several logs. One consumer of the group reads each, and remembers its place in its own books."</p>
            <div class="scroll" tabindex="0" role="region" aria-labelledby="partitions-title" hidden=move || keys.with(Vec::is_empty)>
                <table class="ledger">
                    <thead><tr>
                        <th scope="col">"Partition"</th><th scope="col">"Next to process"</th><th scope="col">"End of the log"</th>
                        <th scope="col">"Waiting"</th><th scope="col" class="owner">"Read by"</th>
                    </tr></thead>
                    <tbody><For each=move || keys.get() key=Clone::clone children=row/></tbody>
                </table>
            </div>
            <Show when=move || keys.with(Vec::is_empty)><p class="none">"Nothing is known of any partition: no broker is connected."</p></Show>
            <Show when=move || { more.get() > 0 }><p class="hint">"And "{move || count(more.get() as u64)}" more."</p></Show>
        </section>
    }
}

type Key = (String, i32);

fn key(partition: &Partition) -> Key {
    (partition.topic.clone(), partition.partition)
}

#[component]
fn PartitionRow(key: Key) -> impl IntoView {
    let page = Page::here();
    let name = format!("{} / {}", key.0, key.1);
    let found = move |partition: &&Partition| partition.partition == key.1 && partition.topic == key.0;
    let partition = Memo::new(move |_| page.state.with(|state| state.partitions.iter().find(&found).cloned()));
    let number = move |read: fn(&Partition) -> i64| {
        move || partition.with(|partition| partition.as_ref().map(|partition| count(read(partition).unsigned_abs())))
    };
    let waiting = |partition: &Partition| (partition.end - partition.position).max(0);
    let waits = move || {
        partition.with(|partition| partition.as_ref().is_some_and(|partition| waiting(partition) > 0).to_string())
    };
    let owner = move || {
        partition
            .with(|partition| partition.as_ref().and_then(|partition| partition.owner.clone()))
            .unwrap_or_else(|| "nobody".to_owned())
    };
    view! {
        <tr data-testid="partition">
            <th scope="row">{name}</th>
            <td class="figures">{number(|partition| partition.position)}</td>
            <td class="figures">{number(|partition| partition.end)}</td>
            <td class="figures waits" data-waits=waits>{number(waiting)}</td>
            <td class="owner" title=owner>{owner}</td>
        </tr>
    }
}
