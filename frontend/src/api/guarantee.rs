//! Requests to the guarantees of the routes, if the stack offers them.

use domain::api::GuaranteeView;
use domain::api::faults::FAULT_TOKEN;
use domain::{ByRoute, Guarantee};
use gloo_net::http::Request;
use tracker::json;

use super::{offered, parse, send};

const URL: &str = "/api/guarantee";

/// The present guarantees; none if the server has no such switch.
pub async fn look() -> Result<Option<GuaranteeView>, String> {
    offered(URL).await
}

/// Changes these guarantees, or returns the reason why not.
pub async fn change(token: &str, routes: &ByRoute<Guarantee>) -> Result<GuaranteeView, String> {
    let (status, text) = send(Request::put(URL).header(FAULT_TOKEN, token), json::write(routes)?).await?;
    parse(status, &text)
}
