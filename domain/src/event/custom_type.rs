//! The types of events that users define themselves: names in reverse-DNS form.

use std::str::FromStr;
use std::sync::Arc;

use super::limits::MAX_TYPE_BYTES;

/// The names as a regular expression, without the bound and the reserved beginning.
pub(super) const PATTERN: &str = r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+$";
/// The names with this beginning are those of [`Kind`](super::Kind) alone, in any case of the letters.
const RESERVED: &str = "ese";

/// A type of a user's own events, such as `com.example.order-paid`. A clone shares the text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CustomType(Arc<str>);

/// The text cannot be the type of a user's own events.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "give a name such as com.example.order-paid: two or more parts of letters, digits, hyphens and underscores, joined by \
     dots, {MAX_TYPE_BYTES} bytes at most, not beginning with `{RESERVED}.`"
)]
pub struct BadCustomType;

impl CustomType {
    /// The name.
    pub fn name(&self) -> &str {
        &self.0
    }
}

/// Whether each part has legal characters, and the first is not reserved.
pub(super) fn has_legal_parts(text: &str) -> bool {
    let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let mut parts = text.split('.');
    text.len() <= MAX_TYPE_BYTES
        && parts.all(|part| !part.is_empty() && part.bytes().all(is_legal))
        && !text.split('.').next().is_some_and(|first| first.eq_ignore_ascii_case(RESERVED))
}

impl FromStr for CustomType {
    type Err = BadCustomType;

    fn from_str(text: &str) -> Result<Self, BadCustomType> {
        if text.contains('.') && has_legal_parts(text) { Ok(Self(text.into())) } else { Err(BadCustomType) }
    }
}

crate::text::display_by_name!(CustomType);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_two_parts_or_more_and_no_reserved_beginning() {
        let longest = format!("com.{}", "x".repeat(MAX_TYPE_BYTES - 4));
        for good in ["com.example", "com.example.order-paid", "a.b", "com.example_2.V1.0", "esel.a", &longest] {
            assert_eq!(good.parse::<CustomType>().unwrap().name(), good);
        }
        let longer = format!("{longest}x");
        let bad =
            ["", ".", "com", "com.", ".com", "com..example", "com.exa mple", "com.exämple", "com.example.*", "a/b.c"];
        let reserved = ["ese.order.paid", "ESE.order", "ese.", &longer];
        for bad in bad.into_iter().chain(reserved) {
            assert_eq!(bad.parse::<CustomType>(), Err(BadCustomType), "{bad}");
        }
    }
}
