//! Conversions between types and their text.

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

/// Implements `Display` by the method `name`.
macro_rules! display_by_name {
    ($($type:ident),*) => {$(
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    )*};
}

pub(crate) use {convert_as_text, display_by_name};
