//! The simulator, where the server has one.

use domain::api::simulation::{Parameters, SimulationView};
use gloo_net::http::Request;
use tracker::json;

use super::{answer, fetch, parse, refusal, send};

const URL: &str = "/api/simulation";

/// How it goes; none where the server has no simulator.
pub async fn look() -> Result<Option<SimulationView>, String> {
    match fetch(URL).await? {
        (404 | 405, _) => Ok(None),
        (status, text) => parse(status, &text).map(Some),
    }
}

/// Starts one, or says why not.
pub async fn start(parameters: &Parameters) -> Result<(), String> {
    done(send(Request::post(URL), json::write(parameters)?).await?)
}

/// Stops it; it settles before it is over.
pub async fn stop() -> Result<(), String> {
    done(answer(Request::delete(URL).send().await).await?)
}

fn done((status, text): (u16, String)) -> Result<(), String> {
    if (200..300).contains(&status) { Ok(()) } else { Err(refusal(status, &text)) }
}
