//! Every fault on real processes: its effect on each route and on the mails, in counts, and its end.

mod table;
mod watcher;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use domain::api::faults::FaultRequest;
use domain::{ByRoute, Route};
use lab::run::broker::BrokerChoice;
use lab::run::stack::{Config, Stack};

use crate::{TURN, lacks_apache};
use table::{CONNECTIONS, Case, Effect, Mails, PARTS};
use watcher::{EVENTS, Sent, Watcher};

/// Events without a delay are accepted within this time.
const QUICK: Duration = Duration::from_millis(1_800);

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_parts_do_what_their_description_says_and_end() {
    all(PARTS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_connections_do_what_their_description_says_and_end() {
    all(CONNECTIONS).await;
}

#[tokio::test]
async fn no_fault_is_without_a_test() {
    if lacks_apache() {
        return;
    }
    let data = tempfile::tempdir().unwrap();
    let stack = Stack::prepare(apache(data.path())).await.unwrap();
    let described = stack.faults().descriptions().iter().map(|fault| (fault.kind.as_str(), fault.target.as_str()));
    let tested = PARTS.iter().chain(CONNECTIONS).map(|case| (case.kind, case.target));
    assert_eq!(described.collect::<BTreeSet<_>>(), tested.collect());
}

/// Other brokers have no connections that can be broken.
fn apache(data: &Path) -> Config {
    Config { broker: BrokerChoice::Apache, ..Config::new(data) }
}

async fn all(cases: &[Case]) {
    if lacks_apache() {
        return;
    }
    let _turn = TURN.read().await;
    let data = tempfile::tempdir().unwrap();
    let stack = Stack::start(apache(data.path())).await.unwrap();
    // A part restarts when the first fault of a connection starts. The cases begin when all have their connections.
    for link in cases.iter().filter(|case| case.kind == "cut") {
        stack.faults().start(FaultRequest::new(link.kind, link.target)).await.unwrap();
        stack.faults().restore().await.unwrap();
    }
    let first = Watcher::new(&stack, 250);
    first.deliver_the_rest(&ByRoute::from(Route::ALL.map(|route| (route, Sent::default())))).await;
    first.until_exact("no fault", Mails::AtOnce).await;
    let mut failures = Vec::new();
    for (case, number) in cases.iter().zip(1..) {
        failures.extend(one(&stack, &Watcher::new(&stack, number), case).await);
    }
    stack.stop().await;
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

async fn one(stack: &Stack, client: &Watcher, case: &Case) -> Vec<String> {
    let mut failures = Vec::new();
    let began = Instant::now();
    let name = format!("{} {}", case.kind, case.target);
    let parameters = case.parameters.iter().map(|&(name, number)| (name.to_owned(), number)).collect();
    let request = FaultRequest { parameters, ..FaultRequest::new(case.kind, case.target) };
    let fault = stack.faults().start(request).await.unwrap_or_else(|error| panic!("{name}: {error}"));

    let (sent, observed) = client.send_and_observe(case).await;
    eprintln!("{name}\n  sent {sent:?}\n  observed {observed:?}");
    let late = |least: u64, after: Duration| after >= Duration::from_millis(least);
    for (route, effect) in Route::ALL.into_iter().zip(case.effects) {
        let (sent, seen) = (&sent[route], &observed[route]);
        let (accepted, after) = (sent.accepted, sent.after);
        let as_expected = match effect {
            Effect::None => accepted == EVENTS && after < QUICK && seen.processed.is_some(),
            Effect::AcceptedAfter(least) => accepted == EVENTS && late(least, after) && seen.processed.is_some(),
            Effect::ProcessedAfter(least) => {
                accepted == EVENTS && after < QUICK && seen.processed.is_some_and(|after| late(least, after))
            }
            Effect::Held => accepted == EVENTS && after < QUICK && seen.is_nothing(),
            Effect::Refused(least) => sent.status == 503 && accepted == 0 && late(least, after) && seen.is_nothing(),
            Effect::Silent => sent.status == 0 && accepted == 0 && seen.is_nothing(),
        };
        let mail_as_expected = match case.mails {
            _ if seen.processed.is_none() => seen.mail.is_none(),
            Mails::AtOnce => seen.mail.is_some(),
            Mails::After(least) => seen.mail.is_some_and(|after| late(least, after)),
            Mails::Wait | Mails::Never => seen.mail.is_none(),
        };
        if !(as_expected && mail_as_expected) {
            failures.push(format!(
                "{name}, {route}: {effect:?} and mails {:?} were expected; sent {sent:?}, observed {seen:?}",
                case.mails
            ));
        }
    }

    stack.faults().stop(fault.id).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(stack.faults().active().await, []);
    client.deliver_the_rest(&sent).await;
    client.until_exact(&name, case.mails).await;
    eprintln!("  {:.1} s", began.elapsed().as_secs_f32());
    failures
}
