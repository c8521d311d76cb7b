//! Requests to the faults of the stack, if it offers any.

use domain::api::faults::{FAULT_TOKEN, FaultRequest, FaultsView};
use gloo_net::http::{Request, RequestBuilder};
use tracker::json;

use super::{answer, done, offered, send};

const URL: &str = "/api/faults";

/// All faults and the active ones; none if the stack offers no faults.
pub async fn look() -> Result<Option<FaultsView>, String> {
    offered(URL).await
}

/// Starts a fault, or returns the reason why not.
pub async fn start(token: &str, fault: &FaultRequest) -> Result<(), String> {
    done(send(Request::post(URL).header(FAULT_TOKEN, token), json::write(fault)?).await?)
}

/// Ends one fault.
pub async fn stop(token: &str, id: u64) -> Result<(), String> {
    delete(Request::delete(&format!("{URL}/{id}")), token).await
}

/// Ends all faults.
pub async fn restore(token: &str) -> Result<(), String> {
    delete(Request::delete(URL), token).await
}

async fn delete(request: RequestBuilder, token: &str) -> Result<(), String> {
    done(answer(request.header(FAULT_TOKEN, token).send().await).await?)
}
