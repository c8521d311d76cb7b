//! JSON text to values and back. In a page the browser's own parser does it, so that no parser is downloaded.

#[cfg(all(target_arch = "wasm32", feature = "browser"))]
mod reader;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Reads a value from JSON text.
///
/// # Errors
///
/// Describes the fault of the text. A browser cannot read whole numbers beyond ±2^53.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    engine::read(text)
}

/// Writes a value as JSON text.
///
/// # Errors
///
/// Describes the value that cannot be written.
pub fn write<T: Serialize + ?Sized>(value: &T) -> Result<String, String> {
    engine::write(value)
}

/// A text as a JSON string.
pub fn quoted(text: &str) -> String {
    engine::quoted(text)
}

#[cfg(all(target_arch = "wasm32", feature = "browser"))]
mod engine {
    use js_sys::JSON;
    use serde_wasm_bindgen::Serializer;

    use super::reader::Reader;
    use super::*;

    pub(super) fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
        let value = JSON::parse(text).map_err(|_| "the text is not JSON")?;
        T::deserialize(Reader(value)).map_err(|fault| fault.to_string())
    }

    pub(super) fn write<T: Serialize + ?Sized>(value: &T) -> Result<String, String> {
        let value = value.serialize(&Serializer::json_compatible()).map_err(|error| error.to_string())?;
        let text = JSON::stringify(&value).map_err(|_| "the value cannot be written as JSON")?;
        Ok(text.into())
    }

    pub(super) fn quoted(text: &str) -> String {
        JSON::stringify(&text.into()).map(String::from).unwrap_or_default()
    }
}

#[cfg(not(all(target_arch = "wasm32", feature = "browser")))]
mod engine {
    use super::*;

    pub(super) fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    pub(super) fn write<T: Serialize + ?Sized>(value: &T) -> Result<String, String> {
        serde_json::to_string(value).map_err(|error| error.to_string())
    }

    pub(super) fn quoted(text: &str) -> String {
        serde_json::Value::from(text).to_string()
    }
}
