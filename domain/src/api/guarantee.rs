//! `/api/guarantee`: the guarantee of each route, and the choices.

use serde::{Deserialize, Serialize};

use crate::ByRoute;
use crate::guarantee::Guarantee;

/// The answer to `GET` and `PUT /api/guarantee`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct GuaranteeView {
    /// The present guarantee of each route.
    pub routes: ByRoute<Guarantee>,
    /// All guarantees, the weakest first.
    pub choices: Vec<GuaranteeChoice>,
}

/// A guarantee that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct GuaranteeChoice {
    /// Its name.
    pub guarantee: Guarantee,
    /// The expectation, in one sentence.
    pub expect: String,
}

impl GuaranteeView {
    /// The view of these guarantees.
    pub fn new(routes: ByRoute<Guarantee>) -> Self {
        let choice = |guarantee: Guarantee| GuaranteeChoice { guarantee, expect: guarantee.expectation().to_owned() };
        Self { routes, choices: Guarantee::ALL.map(choice).into() }
    }
}
