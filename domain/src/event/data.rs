//! The data of an event: JSON that is checked once, shared by its copies, and written as it came.

#[cfg(not(target_arch = "wasm32"))]
mod json_text;
#[cfg(target_arch = "wasm32")]
mod json_value;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::Value;

#[cfg(not(target_arch = "wasm32"))]
pub use json_text::Data;
#[cfg(target_arch = "wasm32")]
pub use json_value::Data;

impl Data {
    /// The JSON in a text; a text that is not JSON becomes a JSON string.
    pub fn from_text(text: Cow<'_, str>) -> Self {
        let json = serde_json::from_str(&text);
        json.unwrap_or_else(|_| Value::String(text.into_owned()).into())
    }

    /// The data in the form of a type; its default if the data has another form.
    pub fn read<T: DeserializeOwned + Default>(&self) -> T {
        serde_json::from_str(self.json()).unwrap_or_default()
    }
}

impl fmt::Display for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.json())
    }
}
