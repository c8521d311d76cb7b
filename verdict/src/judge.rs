//! The judge: results in, judgement out.

use crate::judgement::{ScenarioVerdicts, VoidRun};
use crate::results::{Run, ScenarioResult};
use crate::{Judgement, Results};

/// Judges a comparison. The same results always give the same judgement.
pub fn judge(results: &Results) -> Judgement {
    let scenarios: Vec<_> = results.scenarios.iter().map(scenario).collect();
    Judgement { scenarios, ..Judgement::default() }
}

fn scenario(result: &ScenarioResult) -> ScenarioVerdicts {
    let void = result.runs.iter().filter(|run| !run.void.is_empty());
    ScenarioVerdicts {
        name: result.scenario.name.clone(),
        criteria: Vec::new(),
        void: void.map(void_run).collect(),
        why: Vec::new(),
    }
}

fn void_run(run: &Run) -> VoidRun {
    VoidRun { route: run.route, repetition: run.repetition, reasons: run.void.clone() }
}
