//! The one place that decides which fields are never looked at, and how much of an address is said.

/// `autocomplete` values of secrets; all that begin with `cc-` are of payment cards.
const SECRET_AUTOCOMPLETE: [&str; 3] = ["current-password", "new-password", "one-time-code"];

/// Words in the name or the id of a field that holds a secret or belongs to a payment.
const SECRET_WORDS: [&str; 18] = [
    "password",
    "passwd",
    "pwd",
    "passcode",
    "passphrase",
    "pin",
    "otp",
    "secret",
    "token",
    "card",
    "cardnumber",
    "cc",
    "cvc",
    "cvv",
    "csc",
    "iban",
    "ssn",
    "account",
];

/// Parts of names that are written without a separator.
const SECRET_PARTS: [&str; 6] = ["password", "passwd", "creditcard", "cardnumber", "cardholder", "securitycode"];

/// Whether a field, by these attributes, may hold a secret or belong to a payment: no event is made of it.
pub fn is_secret(kind: &str, autocomplete: &str, names: [&str; 2]) -> bool {
    let completes = |word: &str| word.starts_with("cc-") || SECRET_AUTOCOMPLETE.contains(&word);
    kind.eq_ignore_ascii_case("password")
        || autocomplete.to_ascii_lowercase().split_ascii_whitespace().any(completes)
        || names.into_iter().any(names_a_secret)
}

fn names_a_secret(name: &str) -> bool {
    let mut spaced = String::with_capacity(name.len() + 4);
    let mut lower_before = false;
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && lower_before {
            spaced.push(' ');
        }
        lower_before = letter.is_ascii_lowercase();
        spaced.push(if letter.is_ascii_alphabetic() { letter.to_ascii_lowercase() } else { ' ' });
    }
    let joined: String = spaced.split(' ').collect();
    spaced.split(' ').any(|word| SECRET_WORDS.contains(&word)) || SECRET_PARTS.iter().any(|part| joined.contains(part))
}

/// The place that a path and a fragment name. Queries and values in the fragment often hold secrets, so they are left out.
pub fn place(path: &str, fragment: &str) -> String {
    let fragment = fragment.split(['?', '&', '=']).next().filter(|_| !is_values(fragment)).unwrap_or_default();
    format!("{path}{fragment}")
}

/// Whether a fragment is a list of values, such as `#access_token=…`, not a place.
fn is_values(fragment: &str) -> bool {
    fragment.find('=').is_some_and(|equals| !fragment[..equals].contains('?'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_and_payments_are_never_looked_at() {
        let of = |name| is_secret("text", "", [name, ""]);
        for secret in [
            "password",
            "user_password",
            "userPassword",
            "card-number",
            "cardNumber",
            "card[cvc]",
            "cvv2",
            "CVC",
            "iban",
            "creditCard",
            "cardholderName",
            "pin",
            "cc-exp",
            "accessToken",
            "bank_account",
        ] {
            assert!(of(secret), "{secret}");
        }
        for plain in ["name", "postcard", "search", "shipping", "discard", "accent", "opinion", "email", ""] {
            assert!(!of(plain), "{plain}");
        }
        assert!(is_secret("Password", "", ["a", "b"]));
        assert!(is_secret("text", "section-1 billing cc-number", ["a", "b"]));
        assert!(is_secret("text", "one-time-code", ["a", "b"]));
        assert!(is_secret("text", "", ["a", "cvc"]), "the id counts as well");
        assert!(!is_secret("text", "given-name", ["first", "first"]));
    }

    #[test]
    fn a_place_has_no_query_and_no_values() {
        assert_eq!(place("/shop", ""), "/shop");
        assert_eq!(place("/shop", "#/cart/7"), "/shop#/cart/7");
        assert_eq!(place("/shop", "#/cart?coupon=x"), "/shop#/cart");
        assert_eq!(place("/", "#access_token=secret"), "/");
        assert_eq!(place("/", "#top"), "/#top");
    }
}
