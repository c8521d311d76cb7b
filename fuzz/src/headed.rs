//! Inputs with a head, of lines `name: value`, and a body after an empty line.

/// Such an input in its parts.
pub struct Headed<'a> {
    /// Names and values.
    pub head: Vec<(&'a [u8], &'a [u8])>,
    /// The bytes after the empty line.
    pub body: &'a [u8],
}

impl<'a> Headed<'a> {
    /// The parts of the input. A line without a colon is passed over.
    pub fn of(input: &'a [u8]) -> Self {
        let (mut head, mut rest) = (Vec::new(), input);
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let line = &rest[..end];
            rest = &rest[end + 1..];
            if line.is_empty() {
                break;
            }
            if let Some(colon) = line.iter().position(|byte| *byte == b':') {
                head.push((&line[..colon], line[colon + 1..].trim_ascii()));
            }
        }
        Self { head, body: rest }
    }
}
