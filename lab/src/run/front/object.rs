//! A request's body that is one JSON object.

use axum::Json;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use runtime::problem::{Refusal, short};

/// A `T` from an object alone: `Json<T>` would also take an array with the fields' values.
#[derive(Debug)]
pub(crate) struct Object<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Object<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let Json(fields) = Json::<Map<String, Value>>::from_request(request, state).await?;
        serde_json::from_value(Value::Object(fields)).map(Self).map_err(|error| {
            Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, format!("The body is not as described: {}.", short(&error)))
        })
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[derive(Debug, Default, PartialEq, serde::Deserialize)]
    #[serde(default)]
    struct Load {
        rate: u32,
    }

    async fn read(media_type: &str, body: &str) -> Result<Load, u16> {
        let request = Request::builder().header("content-type", media_type).body(Body::from(body.to_owned())).unwrap();
        let read = Object::from_request(request, &()).await;
        read.map(|Object(load)| load).map_err(|refusal| refusal.status.as_u16())
    }

    #[tokio::test]
    async fn only_an_object_is_taken() {
        assert_eq!(read("application/json", "{\"rate\": 7}").await, Ok(Load { rate: 7 }));
        assert_eq!(read("application/json", "{}").await, Ok(Load::default()));
        for (body, status) in [("[7]", 422), ("[]", 422), ("null", 422), ("{\"rate\": \"7\"}", 422), ("{", 400)] {
            assert_eq!(read("application/json", body).await, Err(status), "{body}");
        }
        assert_eq!(read("text/plain", "{}").await, Err(415));
    }
}
