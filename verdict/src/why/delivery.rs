//! Rules about acceptance and delivery: unavailable, lost, too many, out of order, history.

use domain::Route;
use domain::guarantee::Guarantee;
use domain::ledger::Balance;

use super::facts::Facts;
use super::fault;
use crate::phrase::{self, events};
use crate::results::Run;
use crate::{Criterion, number};

/// Which routes were unavailable, how many requests were refused, and during which fault.
pub(super) fn unavailable(facts: &Facts<'_>) -> Vec<String> {
    let band = Criterion::Unavailable.band().absolute;
    let (away, there): (Vec<_>, Vec<_>) =
        facts.medians(Criterion::Unavailable).into_iter().partition(|(_, median)| *median > band);
    let mut sentences: Vec<_> = away.iter().map(|(route, median)| away_sentence(facts, *route, *median)).collect();
    let always = facts.most(Criterion::Unavailable).into_iter().filter(|(_, most)| *most == 0.0);
    let always: Vec<_> = always.map(|(route, _)| route).collect();
    if !away.is_empty() && !there.is_empty() && !always.is_empty() {
        let verb = if always.len() == 1 { "was" } else { "were" };
        sentences.push(format!("{} {verb} available all the time.", phrase::routes(&always, "and")));
    }
    sentences
}

fn away_sentence(facts: &Facts<'_>, route: Route, median: f64) -> String {
    let state = phrase::of(Criterion::Unavailable, median);
    let Some(run) = facts.middle_run(route, Criterion::Unavailable) else { return format!("{route} {state}.") };
    let cause = fault::during(run, |second| second.unavailable).map(|cause| format!(", {cause}")).unwrap_or_default();
    let refused: u64 = run.refusals.values().sum();
    let refusals = (refused > 0).then(|| {
        let by_reason = run.refusals.iter().filter(|(_, count)| **count > 0);
        let by_reason: Vec<_> =
            by_reason.map(|(reason, count)| format!("{reason}: {}", number::count(*count))).collect();
        let requests = if refused == 1 { "request was" } else { "requests were" };
        let (count, by_reason) = (number::count(refused), by_reason.join("; "));
        format!("; in its middle run, {count} {requests} refused or failed ({by_reason})")
    });
    format!("{route} {state}{cause}{}.", refusals.unwrap_or_default())
}

/// How many events were lost, and where the ledger has them.
pub(super) fn lost(facts: &Facts<'_>) -> Vec<String> {
    let medians = facts.medians(Criterion::Lost).into_iter();
    let sums: Vec<_> = medians.map(|(route, _)| (route, facts.total(route, Criterion::Lost))).collect();
    let losers: Vec<_> = sums.iter().filter(|(_, sum)| *sum > 0.0).collect();
    if losers.is_empty() && !sums.is_empty() && !facts.scenario.faults.is_empty() {
        let routes: Vec<_> = sums.into_iter().map(|(route, _)| route).collect();
        let all = routes == Route::ALL;
        let text = format!("{} lost no event.", phrase::routes(&routes, "and"));
        return vec![if all { "No route lost an event.".to_owned() } else { text }];
    }
    losers.into_iter().map(|(route, sum)| lost_sentence(facts, *route, *sum)).collect()
}

fn lost_sentence(facts: &Facts<'_>, route: Route, sum: f64) -> String {
    let of = |field: fn(&Balance) -> u64| facts.sum(route, |run| field(&run.ledger) as f64);
    let due = facts.sum(route, |run| run.due as f64);
    let places = [
        (of(|ledger| ledger.shed), "dropped by their senders"),
        (of(|ledger| ledger.rejected), "refused for good"),
        (of(|ledger| ledger.lost), "accepted and never processed"),
        (of(|ledger| ledger.in_flight), "still on their way at the end"),
    ];
    let places: Vec<_> = places
        .into_iter()
        .filter(|(count, _)| *count > 0.0)
        .map(|(count, place)| format!("{} {} {place}", number::short(count), if count == 1.0 { "was" } else { "were" }))
        .collect();
    let mut text = format!("{route} lost {} of {} due in {}", number::short(sum), events(due), runs(facts, route));
    if !places.is_empty() {
        text = format!("{text}: {}", phrase::list(places, "and"));
    }
    if of(|ledger| ledger.shed + ledger.rejected) > 0.0 && !facts.scenario.load.retry {
        text += "; a refused event was not sent again";
    }
    let away = facts.typical(route, |run| Some(longest_standstill(run))).unwrap_or_default();
    let kept = f64::from(facts.scenario.stack.store_ttl_seconds);
    if of(|ledger| ledger.lost) > 0.0 && route == Route::HttpPoll && away > kept {
        let (kept, away) = (number::short(kept), number::short(away));
        text += &format!("; the store keeps an event for {kept} s, and for {away} s none was processed");
    }
    format!("{text}{}.", guarantee(facts, Guarantee::AtMostOnce))
}

/// The longest time in which events waited and none was processed, in seconds.
fn longest_standstill(run: &Run) -> f64 {
    let still = run.timeline.split(|second| second.processed > 0 || second.waiting == 0);
    still.map(<[_]>::len).max().unwrap_or_default() as f64
}

fn runs(facts: &Facts<'_>, route: Route) -> String {
    match facts.runs(route).len() {
        1 => "one run".to_owned(),
        count => format!("{count} runs"),
    }
}

/// The guarantee, if it is the one that allows for this.
fn guarantee(facts: &Facts<'_>, expected: Guarantee) -> String {
    let chosen = facts.scenario.stack.guarantee;
    if chosen == expected { format!("; the guarantee is {}", chosen.name()) } else { String::new() }
}

/// How many effects came twice.
pub(super) fn duplicated(facts: &Facts<'_>) -> Vec<String> {
    let some = facts.most(Criterion::Duplicated).into_iter().filter(|(_, most)| *most > 0.0);
    let sentence = |(route, _): (Route, f64)| {
        let again = facts.sum(route, |run| run.ledger.duplicates as f64);
        let again = match again {
            0.0 => String::new(),
            1.0 => "; one arrival had a number that had come before".to_owned(),
            _ => format!("; {} arrivals had a number that had come before", number::short(again)),
        };
        let text = phrase::of(Criterion::Duplicated, facts.total(route, Criterion::Duplicated));
        format!("{route} {text} in {}{again}{}.", runs(facts, route), guarantee(facts, Guarantee::AtLeastOnce))
    };
    some.map(sentence).collect()
}

/// Which routes broke the order within a sender, if another kept it.
pub(super) fn out_of_order(facts: &Facts<'_>) -> Vec<String> {
    let (kept, broken): (Vec<_>, Vec<_>) =
        facts.most(Criterion::OutOfOrder).into_iter().partition(|(_, most)| *most == 0.0);
    if kept.is_empty() || broken.is_empty() {
        return Vec::new();
    }
    let kept: Vec<_> = kept.into_iter().map(|(route, _)| route).collect();
    let part = |(route, _): (Route, f64)| {
        let events = events(facts.total(route, Criterion::OutOfOrder));
        format!("{route} processed {events} after a later one of the same sender")
    };
    let broken = broken.into_iter().map(part).collect();
    vec![format!("{}; {} kept the order in every run.", phrase::list(broken, "and"), phrase::routes(&kept, "and"))]
}

/// What a second reader got.
pub(super) fn missed_history(facts: &Facts<'_>) -> Vec<String> {
    let part = |(route, median)| format!("{route} {}", phrase::of(Criterion::MissedHistory, median));
    let parts: Vec<_> = facts.medians(Criterion::MissedHistory).into_iter().map(part).collect();
    if parts.is_empty() { Vec::new() } else { vec![format!("{}.", phrase::list(parts, "and"))] }
}
