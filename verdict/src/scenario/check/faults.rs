//! The bounds of faults: kinds, parts, numbers and times.

use crate::Scenario;
use crate::scenario::kinds::{Kind, missing};
use crate::scenario::problem::{Found, are_distinct};
use crate::scenario::{Load, TimedFault};

/// The most faults of a scenario.
const MOST: usize = 50;
/// The shortest time from one start of a repeated fault to the next, in seconds.
const SHORTEST_EVERY: f64 = 1.0;

pub(super) fn check(found: &mut Found, scenario: &Scenario) {
    let faults = &scenario.faults;
    found.require(faults.len() <= MOST, "fault", format!("comes at most {MOST} times, not {}", faults.len()));
    for (index, fault) in faults.iter().enumerate() {
        let path = |field: &str| format!("fault.{index}.{field}");
        kind(found, scenario, fault, &path);
        times(found, &scenario.load, fault, &path);
        found.require(are_distinct(&fault.routes), path("routes"), "must name each route once");
        let earlier = &faults[..index];
        let is_next = earlier.last().is_none_or(|last| last.at <= fault.at);
        found.require(is_next, path("at"), "must not be before that of the fault above");
        let overlapping = earlier.iter().any(|earlier| overlap(earlier, fault, &scenario.load));
        found.require(!overlapping, path("at"), "must not be before the end of the fault that the part has already");
    }
}

fn kind(found: &mut Found, scenario: &Scenario, fault: &TimedFault, path: &dyn Fn(&str) -> String) {
    let Some(kind) = Kind::named(&fault.kind) else {
        return found.require(false, path("kind"), format!("must be one of {}", Kind::names()));
    };
    let targets = kind.targets();
    let rule = format!("of the kind `{}` must be one of {}", kind.name, targets.join(", "));
    found.require(targets.contains(&&*fault.part), path("part"), rule);
    if let Some(reason) = missing(&fault.part, &scenario.stack) {
        found.require(false, path("part"), format!("is not in this stack: {reason}"));
    }
    for (name, &value) in &fault.parameters {
        let path = path(&format!("parameters.{name}"));
        match kind.numbers.iter().find(|number| number.name == name) {
            Some(number) => found.number(&path, value, number.least..=number.most, "(its unit is in the name)"),
            None => found.require(false, path, format!("is no number of the kind `{}`", kind.name)),
        }
    }
}

fn times(found: &mut Found, load: &Load, fault: &TimedFault, path: &dyn Fn(&str) -> String) {
    let seconds = f64::from(load.seconds);
    let within = (0.0..seconds).contains(&fault.at);
    let rule =
        format!("must be from 0 to less than {seconds} seconds: a fault starts within the load, not at {}", fault.at);
    found.require(within, path("at"), rule);
    if !within {
        return;
    }
    if let Some(lasts) = fault.lasts {
        let rule = format!("must be above 0, and the fault must end within the load of {seconds} seconds");
        found.require(lasts > 0.0 && end(fault, load) <= seconds, path("for"), rule);
    }
    if let Some(every) = fault.every {
        let rule = format!("must be from {SHORTEST_EVERY} second to the time that the fault lasts, not {every}");
        let lasts = end(fault, load) - fault.at;
        found.require((SHORTEST_EVERY..=lasts.max(SHORTEST_EVERY)).contains(&every), path("every"), rule);
    }
}

/// The end, in seconds since the load began.
fn end(fault: &TimedFault, load: &Load) -> f64 {
    fault.lasts.map_or(f64::from(load.seconds), |lasts| fault.at + lasts)
}

/// Whether the second begins while the part has the first on the same route: such a fault cannot be started.
fn overlap(first: &TimedFault, second: &TimedFault, load: &Load) -> bool {
    let stops = |fault: &TimedFault| Kind::named(&fault.kind).is_some_and(Kind::stops_the_process);
    let alike = first.part == second.part && (first.kind == second.kind || stops(first) && stops(second));
    let together = first.routes.is_empty()
        || second.routes.is_empty()
        || first.routes.iter().any(|route| second.routes.contains(route));
    alike && together && second.at < end(first, load)
}
