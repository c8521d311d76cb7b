//! Tests of the rules of a verdict, and properties that hold for all samples.

use proptest::prelude::*;

use super::*;

fn verdict(criterion: Criterion, a: &[f64], b: &[f64]) -> (Outcome, Rule) {
    let (_, outcome, rule) = compare(criterion, a, b);
    (outcome, rule)
}

#[test]
fn five_runs_decide_by_ranks() {
    let fast = [10.0, 11.0, 10.5, 12.0, 9.5];
    let slow = [20.0, 24.0, 21.0, 22.0, 30.0];
    let (effect, outcome, rule) = compare(Criterion::ProcessedP50, &fast, &slow);
    let effect = effect.unwrap();
    assert_eq!((outcome, rule, effect.scale), (Outcome::Better, Rule::Ranks, Scale::Ratio));
    // The least pair, 9.5 / 30, and the largest, 12 / 20, are left out.
    assert_eq!((effect.low, effect.high), (10.0 / 30.0, 12.0 / 21.0));
    assert!((effect.estimate - 10.5 / 22.0).abs() < 0.02, "{}", effect.estimate);
    assert_eq!((effect.confidence * 1000.0).round(), 984.0);
    assert_eq!(verdict(Criterion::ProcessedP50, &slow, &fast), (Outcome::Worse, Rule::Ranks));
}

#[test]
fn one_pair_in_the_wrong_order_is_left_out_and_two_are_not() {
    let slow = [20.0, 24.0, 21.0, 22.0, 30.0];
    assert_eq!(verdict(Criterion::Cpu, &[10.0, 11.0, 10.5, 9.5, 20.5], &slow).0, Outcome::Undecided, "not beyond 10 %");
    assert_eq!(verdict(Criterion::Cpu, &[10.0, 11.0, 10.5, 9.5, 18.5], &slow).0, Outcome::Better);
    assert_eq!(verdict(Criterion::Cpu, &[10.0, 11.0, 10.5, 9.5, 21.5], &slow).0, Outcome::Undecided);
}

#[test]
fn a_difference_must_be_beyond_both_bounds_of_the_band() {
    let (a, b) = ([5.0, 5.1, 5.2, 5.3, 5.4], [6.0, 6.1, 6.2, 6.3, 6.4]);
    assert_eq!(verdict(Criterion::AcceptedP50, &a, &b).0, Outcome::Same, "20 %, but less than 2 ms");
    assert_eq!(verdict(Criterion::Cpu, &a, &b).0, Outcome::Better, "each pair differs by more than 10 %");
    assert_eq!(verdict(Criterion::Cpu, &a, &b.map(|value| value - 0.5)).0, Outcome::Undecided, "not each");
    let (a, b) = (a.map(|value| value * 100.0), a.map(|value| value * 100.0 + 9.0));
    assert_eq!(verdict(Criterion::AcceptedP50, &a, &b).0, Outcome::Same, "9 ms, but less than 10 %");
}

#[test]
fn one_pair_outside_the_band_is_left_out_and_two_are_not() {
    let a = [10.0, 10.1, 10.2, 10.3, 10.4];
    assert_eq!(verdict(Criterion::Cpu, &a, &[10.0, 10.1, 10.2, 10.3, 11.05]).0, Outcome::Same);
    assert_eq!(verdict(Criterion::Cpu, &a, &[10.0, 10.1, 10.2, 10.3, 11.2]).0, Outcome::Undecided);
}

#[test]
fn parts_are_compared_exactly() {
    assert_eq!(verdict(Criterion::Parts, &[3.0; 2], &[4.0; 2]), (Outcome::Better, Rule::Exact));
    assert_eq!(verdict(Criterion::Parts, &[3.0; 3], &[3.0; 3]), (Outcome::Same, Rule::Exact));
    assert_eq!(verdict(Criterion::MostWaiting, &[3.0; 3], &[40.0; 3]).0, Outcome::Undecided, "chance is in it");
}

#[test]
fn three_runs_without_a_loss_and_three_with_one_decide() {
    let decides = |a: &[f64], b: &[f64]| verdict(Criterion::Lost, a, b);
    assert_eq!(decides(&[0.0; 3], &[0.0; 3]), (Outcome::Same, Rule::Exact));
    assert_eq!(decides(&[0.0; 3], &[7.0, 1.0, 9.0]), (Outcome::Better, Rule::Clean));
    assert_eq!(decides(&[7.0, 1.0, 9.0], &[0.0; 3]), (Outcome::Worse, Rule::Clean));
    assert_eq!(decides(&[0.0; 3], &[7.0, 0.0, 9.0]).0, Outcome::Undecided);
    assert_eq!(decides(&[0.0; 2], &[7.0; 2]).0, Outcome::Undecided, "two equal routes give this in one of eight cases");
}

#[test]
fn a_share_of_the_time_is_clean_inside_its_band() {
    let decides = |a: &[f64], b: &[f64]| verdict(Criterion::Unavailable, a, b);
    assert_eq!(decides(&[0.0, 0.4, 0.0], &[0.9, 0.0, 0.2]), (Outcome::Same, Rule::Clean));
    assert_eq!(decides(&[0.0, 0.4, 0.0], &[48.0, 47.0, 49.0]), (Outcome::Better, Rule::Clean));
    assert_eq!(decides(&[0.9, 0.8, 0.7], &[1.1, 1.2, 1.3]).0, Outcome::Undecided, "clean or not, but hardly different");
}

#[test]
fn too_few_runs_decide_nothing() {
    assert_eq!(compare(Criterion::Parts, &[], &[4.0; 5]), (None, Outcome::Undecided, Rule::TooFewRuns));
    let (effect, outcome, rule) = compare(Criterion::Parts, &[3.0], &[4.0; 5]);
    assert_eq!((effect.unwrap().estimate, outcome, rule), (-1.0, Outcome::Undecided, Rule::TooFewRuns));
}

#[test]
fn the_summary_has_the_median_and_the_ends() {
    let found = summary(&[4.0, 1.0, 3.0, 2.0]);
    assert_eq!(found, Some(Summary { median: 2.5, least: 1.0, most: 4.0, count: 4 }));
    assert_eq!(summary(&[]), None);
}

fn runs() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(prop_oneof![Just(0.0), 0.0..100.0_f64], 1..8)
}

fn criterion() -> impl Strategy<Value = Criterion> {
    prop::sample::select(Criterion::ALL.to_vec())
}

proptest! {
    #[test]
    fn both_routes_get_the_same_verdict_from_their_own_side(a in runs(), b in runs(), criterion in criterion()) {
        let (one, other) = (compare(criterion, &a, &b), compare(criterion, &b, &a));
        prop_assert_eq!((one.1, one.2), (other.1.reversed(), other.2));
        let (one, other) = (one.0.unwrap(), other.0.unwrap());
        prop_assert!(one.low <= one.estimate && one.estimate <= one.high);
        if one.scale == Scale::Difference {
            prop_assert_eq!((one.low, one.high), (-other.high, -other.low));
        }
    }

    #[test]
    fn a_route_that_gets_slower_is_never_judged_better(a in runs(), b in runs(), criterion in criterion(), more in 0.0..50.0_f64) {
        let rank = |outcome| match outcome {
            Outcome::Better => 2,
            Outcome::Worse => 0,
            Outcome::Same | Outcome::Undecided => 1,
        };
        let slower: Vec<_> = a.iter().map(|value| value + more).collect();
        prop_assert!(rank(verdict(criterion, &slower, &b).0) <= rank(verdict(criterion, &a, &b).0));
    }

    #[test]
    fn the_order_of_the_runs_does_not_matter(a in runs(), b in runs(), criterion in criterion()) {
        let reversed: Vec<_> = a.iter().rev().copied().collect();
        prop_assert_eq!(compare(criterion, &a, &b), compare(criterion, &reversed, &b));
    }
}
