//! Conversions for types that serde reads and writes as text.

/// Implements `From<$type> for String` by `Display`, and `TryFrom<String>` by `FromStr`.
macro_rules! convert_as_text {
    ($type:ident, $error:ident) => {
        impl From<$type> for String {
            fn from(value: $type) -> Self {
                value.to_string()
            }
        }

        impl TryFrom<String> for $type {
            type Error = $error;

            fn try_from(text: String) -> Result<Self, $error> {
                text.parse()
            }
        }
    };
}

pub(crate) use convert_as_text;
