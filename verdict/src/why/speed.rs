//! Rules about time: events that waited, recovery, hops, and when the sender gets its answer.

use domain::Route;
use domain::api::simulation::Shape;

use super::facts::Facts;
use crate::phrase;
use crate::results::{Hop, Run};
use crate::{Criterion, number, statistics};

/// Where most events waited: more than the load of a second.
pub(super) fn waiting(facts: &Facts<'_>) -> Vec<String> {
    let least = facts.scenario.load.rate.max(Criterion::MostWaiting.band().absolute);
    let many = facts.medians(Criterion::MostWaiting).into_iter().filter(|(_, median)| *median > least);
    let part = |(route, median): (Route, f64)| {
        let place = facts.middle_run(route, Criterion::MostWaiting).and_then(place).unwrap_or_default();
        let load = &facts.scenario.load;
        // Else the rate changes, and with it the time that brings so many events.
        let is_even = matches!(load.shape, Shape::Constant | Shape::Poisson);
        let seconds = is_even.then(|| format!(" ({} s of the load)", number::short(median / load.rate)));
        format!("on {route} up to {}{}{place}", number::short(median), seconds.unwrap_or_default())
    };
    let parts: Vec<_> = many.map(part).collect();
    if parts.is_empty() { Vec::new() } else { vec![format!("Events waited: {}.", parts.join("; "))] }
}

/// Whether the events waited at their senders or on the route, at the second in which most waited.
fn place(run: &Run) -> Option<String> {
    let peak = run.timeline.iter().enumerate().max_by_key(|(_, second)| second.waiting)?.0;
    let until = run.timeline.get(..=peak)?;
    let sum = |of: fn(&crate::results::Second) -> u64| until.iter().map(of).sum::<u64>();
    let (due, accepted, processed) = (sum(|s| s.due), sum(|s| s.accepted), sum(|s| s.processed));
    let given_up = run.ledger.shed + run.ledger.rejected > 0;
    let waiting = due.checked_sub(processed)?;
    // The numbers are those at the end of a second; the most waited at some moment of it.
    let most = run.values.get(&Criterion::MostWaiting).copied().unwrap_or_default();
    if given_up || waiting == 0 || (waiting as f64) < 0.9 * most {
        return None;
    }
    let at_senders = due.saturating_sub(accepted) as f64 / waiting as f64;
    let percent = number::short((at_senders * 100.0).round());
    Some(match at_senders {
        0.9.. => " at their senders".to_owned(),
        0.1.. => format!(", {percent} % of them at their senders and the others accepted"),
        _ => " after they were accepted".to_owned(),
    })
}

/// How long each route needed after the last fault.
pub(super) fn recovery(facts: &Facts<'_>) -> Vec<String> {
    let medians = facts.medians(Criterion::Recovery);
    if !medians.iter().any(|(_, median)| *median > Criterion::Recovery.band().absolute) {
        return Vec::new();
    }
    let part = |(route, median): &(Route, f64)| format!("{route} {}", number::value(Criterion::Recovery, *median));
    let parts = phrase::list(medians.iter().map(part).collect(), "and");
    vec![format!("From the end of the last fault until all events due by then were processed, it took {parts}.")]
}

/// The hop that makes a route slower than another.
pub(super) fn hops(facts: &Facts<'_>) -> Vec<String> {
    let half = hop_sentence(facts, Criterion::ProcessedP50, "half", |hop| hop.p50_ms);
    let most = || hop_sentence(facts, Criterion::ProcessedP99, "99 %", |hop| hop.p99_ms);
    half.or_else(most).into_iter().collect()
}

fn hop_sentence(facts: &Facts<'_>, criterion: Criterion, share: &str, of: fn(&Hop) -> f64) -> Option<String> {
    let (fast, slow) = facts.widest(criterion)?;
    let (fast_total, slow_total) = (facts.median(criterion, fast)?, facts.median(criterion, slow)?);
    let time = |route, name: &str| {
        let hop = |run: &Run| run.hops.iter().find(|hop| hop.name == name).map(of);
        facts.typical(route, hop)
    };
    let names = facts.runs(slow).first()?.hops.iter().map(|hop| hop.name.as_str());
    let more = |name: &str| Some(time(slow, name)? - time(fast, name).unwrap_or(0.0));
    let (name, more) = names.filter_map(|name| Some((name, more(name)?))).max_by(|(_, x), (_, y)| x.total_cmp(y))?;
    let totals = format!(
        "{slow} processed {share} of the events within {}, {fast} within {}",
        number::duration(slow_total),
        number::duration(fast_total)
    );
    if more < (slow_total - fast_total) / 2.0 {
        return Some(format!("{totals}."));
    }
    let time = |route| time(route, name).map_or_else(|| "not there".to_owned(), number::duration);
    let (slow, fast) = (time(slow), time(fast));
    Some(format!("{totals}: most of the difference is in the hop “{name}” ({slow} and {fast})."))
}

/// Whether the sender's answer comes only with the effects.
pub(super) fn answers(facts: &Facts<'_>) -> Vec<String> {
    let sentence = || {
        let (fast, slow) = facts.widest(Criterion::AcceptedP50)?;
        let times = |route| {
            let (accepted, processed) =
                (facts.median(Criterion::AcceptedP50, route)?, facts.median(Criterion::ProcessedP50, route)?);
            Some((accepted, processed, format!("{} and {}", number::duration(accepted), number::duration(processed))))
        };
        let (of_slow, of_fast) = (times(slow)?, times(fast)?);
        let with_effects = of_slow.0 >= of_slow.1 && statistics::beyond(Criterion::AcceptedP50, of_fast.1, of_fast.0);
        with_effects.then(|| {
            format!(
                "The sender of {slow} gets its answer after the effects, that of {fast} before them: half of the events were \
                 accepted and processed within {} on {slow}, and {} on {fast}.",
                of_slow.2, of_fast.2
            )
        })
    };
    sentence().into_iter().collect()
}
