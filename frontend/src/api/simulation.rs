//! Requests to the simulator, if the server has one.

use domain::api::simulation::{Parameters, SimulationView};
use gloo_net::http::Request;
use tracker::json;

use super::{answer, done, offered, send};

const URL: &str = "/api/simulation";

/// Its state; none if the server has no simulator.
pub async fn look() -> Result<Option<SimulationView>, String> {
    offered(URL).await
}

/// Starts a simulation, or returns the reason why not.
pub async fn start(parameters: &Parameters) -> Result<(), String> {
    done(send(Request::post(URL), json::write(parameters)?).await?)
}

/// Stops the simulation; it settles before it is over.
pub async fn stop() -> Result<(), String> {
    done(answer(Request::delete(URL).send().await).await?)
}
