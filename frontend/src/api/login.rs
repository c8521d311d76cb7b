//! `/api/login`: whether this browser may look, and the exchange of the admin token for a cookie.

use gloo_net::http::Request;

use super::{answer, done, fetch};

/// Whether the stack asks for its admin token. One that never does may not have this address.
pub async fn is_needed() -> bool {
    matches!(fetch("/api/login").await, Ok((401, _)))
}

/// Gives the token; the browser keeps the cookie.
pub async fn sign_in(token: String) -> Result<(), String> {
    let request = Request::post("/api/login").header("authorization", &format!("Bearer {}", token.trim()));
    done(answer(request.send().await).await?)
}
