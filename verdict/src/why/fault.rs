//! Faults in words, and whether something happened while they lasted.

use crate::results::{FaultMark, Run, Second};
use crate::{Criterion, number};

/// For so many seconds after its end a fault has an effect at least: senders wait before they try again.
const AFTERMATH: f64 = 2.0;

/// This share of something must lie in a fault's time to be called its effect.
const ATTRIBUTED: f64 = 0.9;

/// "while the consumer was down (10 s to 30 s)", if nearly all of a run's numbers lie in the time of one kind of fault, or "…
/// and just after" if they lie there with the time until its effects were gone. Of several such faults the shortest counts.
pub(super) fn during(run: &Run, of: impl Fn(&Second) -> f64) -> Option<String> {
    let total: f64 = run.timeline.iter().map(&of).sum();
    if total <= 0.0 {
        return None;
    }
    let aftermath = run.values.get(&Criterion::Recovery).copied().unwrap_or_default().max(AFTERMATH);
    let share = |marks: &[&FaultMark], after: f64| {
        let seconds = run.timeline.iter().enumerate();
        seconds.filter(|(index, _)| covers(marks, *index, after)).map(|(_, second)| of(second)).sum::<f64>() / total
    };
    let length = |marks: &[&FaultMark]| marks.iter().map(|mark| mark.ended - mark.began).sum::<f64>();
    let groups = groups(&run.faults).into_iter();
    let marks = groups
        .filter(|marks| share(marks, aftermath) >= ATTRIBUTED)
        .min_by(|one, other| length(one).total_cmp(&length(other)))?;
    let during = share(&marks, 0.0) >= ATTRIBUTED;
    let share = share(&marks, if during { 0.0 } else { aftermath });
    let (word, after) = (if share >= 1.0 { "all" } else { "nearly all" }, if during { "" } else { " and just after" });
    Some(format!("{word} while {}{after}", words(&marks)))
}

/// Whether a second, by its index, overlaps with one of the faults or the seconds after it.
fn covers(marks: &[&FaultMark], index: usize, after: f64) -> bool {
    let begins = index as f64;
    marks.iter().any(|mark| begins + 1.0 > mark.began && begins < mark.ended + after)
}

/// The faults of one kind on one part.
fn groups(marks: &[FaultMark]) -> Vec<Vec<&FaultMark>> {
    let mut groups: Vec<Vec<&FaultMark>> = Vec::new();
    for mark in marks {
        let like = |group: &&mut Vec<&FaultMark>| group[0].kind == mark.kind && group[0].part == mark.part;
        match groups.iter_mut().find(like) {
            Some(group) => group.push(mark),
            None => groups.push(vec![mark]),
        }
    }
    groups
}

fn words(marks: &[&FaultMark]) -> String {
    let mark = marks[0];
    let (began, ended) = (mark.began, marks.iter().fold(mark.ended, |ended, mark| ended.max(mark.ended)));
    let times = if marks.len() > 1 { format!(", {} times", marks.len()) } else { String::new() };
    format!("{} ({} s to {} s{times})", state(mark), number::short(began), number::short(ended))
}

/// The state of the part while the fault lasts.
fn state(mark: &FaultMark) -> String {
    let part = part(&mark.part);
    let state = match mark.kind.as_str() {
        "kill" | "stop" => "was down",
        "pause" => "was paused",
        "slow-events" => "took longer for each event",
        "slow-commits" => "took longer for each commit",
        "mail-later" => "refused mails for the moment",
        "mail-refused" => "refused mails for good",
        "slow-mail" => "answered mails late",
        "latency" => "was slow",
        "bandwidth" => "was narrow",
        "reset" => "was reset again and again",
        "cut" => "was cut",
        "offline" if mark.part == "senders" => "were offline",
        kind => return format!("{part} had the fault {kind}"),
    };
    format!("{part} {state}")
}

fn part(name: &str) -> String {
    if name == "postgres" {
        "PostgreSQL".to_owned()
    } else if name.ends_with(|last: char| last.is_ascii_digit()) {
        name.to_owned()
    } else if name.contains('-') {
        format!("the connection {name}")
    } else {
        format!("the {name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(kind: &str, part: &str, began: f64, ended: f64) -> FaultMark {
        FaultMark { kind: kind.to_owned(), part: part.to_owned(), began, ended }
    }

    fn run(refused: &[(usize, u64)], faults: Vec<FaultMark>) -> Run {
        let mut run = crate::made_up::run(domain::Route::HttpPush, 1, &[]);
        run.timeline = vec![Second::default(); 40];
        refused.iter().for_each(|(second, count)| run.timeline[*second].refused = *count);
        run.faults = faults;
        run
    }

    /// The cause of the refusals; empty if none is named.
    fn refused_during(run: &Run) -> String {
        during(run, |second| second.refused as f64).unwrap_or_default()
    }

    #[test]
    fn a_fault_is_named_if_the_numbers_lie_in_its_time() {
        let fault = vec![mark("kill", "consumer", 10.0, 20.0)];
        let text = |refused: &[(usize, u64)]| refused_during(&run(refused, fault.clone()));
        assert_eq!(text(&[(10, 7), (19, 5)]), "all while the consumer was down (10 s to 20 s)");
        assert_eq!(text(&[(10, 7), (21, 5)]), "all while the consumer was down (10 s to 20 s) and just after");
        assert_eq!(text(&[(12, 95), (30, 5)]), "nearly all while the consumer was down (10 s to 20 s)");
        assert_eq!(text(&[(12, 50), (30, 50)]), "", "half of it lies elsewhere");
        assert_eq!(text(&[(9, 1)]), "", "before the fault");
        assert_eq!(text(&[]), "");
    }

    #[test]
    fn the_effects_last_until_the_route_has_recovered() {
        let mut run = run(&[(26, 9)], vec![mark("kill", "broker", 10.0, 20.0)]);
        assert_eq!(refused_during(&run), "");
        run.values.insert(Criterion::Recovery, 7.5);
        assert_eq!(refused_during(&run), "all while the broker was down (10 s to 20 s) and just after");
    }

    #[test]
    fn a_fault_that_lasts_all_the_time_is_not_blamed_for_a_short_one() {
        let faults = vec![mark("slow-commits", "consumer", 0.0, 40.0), mark("kill", "consumer", 10.0, 20.0)];
        let text = refused_during(&run(&[(12, 95), (30, 1)], faults));
        assert_eq!(text, "nearly all while the consumer was down (10 s to 20 s)");
    }

    #[test]
    fn faults_of_one_kind_are_one_cause() {
        let crashes = vec![mark("kill", "broker-2", 3.0, 5.0), mark("kill", "broker-2", 13.5, 15.0)];
        let text = refused_during(&run(&[(4, 1), (14, 1)], crashes));
        assert_eq!(text, "all while broker-2 was down (3 s to 15 s, 2 times)");
    }

    #[test]
    fn every_kind_has_words() {
        let text = |kind, part| state(&mark(kind, part, 0.0, 1.0));
        assert_eq!(text("cut", "backend-consumer"), "the connection backend-consumer was cut");
        assert_eq!(text("offline", "senders"), "the senders were offline");
        assert_eq!(text("pause", "postgres"), "PostgreSQL was paused");
        assert_eq!(text("flood", "cellar"), "the cellar had the fault flood");
    }
}
