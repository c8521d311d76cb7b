//! The simulator, where the server has one.

use domain::api::simulation::{Parameters, SimulationView};
use gloo_net::http::{Request, Response};

use super::refusal;

const URL: &str = "/api/simulation";
const SILENCE: &str = "The server cannot be reached.";

/// How it goes; none where the server has no simulator.
pub async fn look() -> Result<Option<SimulationView>, String> {
    let response = Request::get(URL).send().await.map_err(|_| SILENCE.to_owned())?;
    match response.status() {
        200 => {
            response.json().await.map(Some).map_err(|error| format!("The answer is not what was expected: {error}."))
        }
        404 | 405 => Ok(None),
        _ => Err(said(response).await),
    }
}

/// Starts one.
pub async fn start(parameters: &Parameters) -> Result<(), String> {
    let request = Request::post(URL).json(parameters).map_err(|error| format!("{error}."))?;
    done(request.send().await.map_err(|_| SILENCE.to_owned())?).await
}

/// Ends the one under way.
pub async fn stop() -> Result<(), String> {
    done(Request::delete(URL).send().await.map_err(|_| SILENCE.to_owned())?).await
}

async fn done(response: Response) -> Result<(), String> {
    if response.ok() { Ok(()) } else { Err(said(response).await) }
}

async fn said(response: Response) -> String {
    let status = response.status();
    refusal(status, &response.text().await.unwrap_or_default())
}
