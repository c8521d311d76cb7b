//! Reads the messages of the live stream.

use serde::de::DeserializeOwned;

/// The live stream of a consumer.
pub(crate) struct LiveStream {
    answer: reqwest::Response,
    /// The beginning of the next messages.
    text: Vec<u8>,
}

/// A message of the live stream.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Message {
    name: String,
    data: String,
}

impl Message {
    /// Its content, if it has this name.
    pub(crate) fn content<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        if self.name == name { serde_json::from_str(&self.data).ok() } else { None }
    }
}

impl LiveStream {
    pub(super) const fn new(answer: reqwest::Response) -> Self {
        Self { answer, text: Vec::new() }
    }

    /// Waits for the next message; none if the stream has ended.
    pub(crate) async fn next(&mut self) -> reqwest::Result<Option<Message>> {
        loop {
            if let Some(message) = take(&mut self.text) {
                return Ok(Some(message));
            }
            let Some(chunk) = self.answer.chunk().await? else { return Ok(None) };
            self.text.extend_from_slice(&chunk);
        }
    }
}

/// Takes the first complete message, and any comments before it.
fn take(text: &mut Vec<u8>) -> Option<Message> {
    loop {
        let end = text.windows(2).position(|pair| pair == b"\n\n")?;
        let block: Vec<u8> = text.drain(..end + 2).collect();
        let block = String::from_utf8_lossy(&block);
        let field = |name| block.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned());
        if let (Some(name), Some(data)) = (field("event:"), field("data:")) {
            return Some(Message { name, data });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_taken_when_all_of_it_is_there() {
        let mut text = b":\n\nid: 7\nevent: events\ndata: [1,2]\n\nevent: st".to_vec();
        let message = take(&mut text).unwrap();
        assert_eq!((message.content("events"), message.content::<Vec<u32>>("stats")), (Some(vec![1, 2]), None));
        assert_eq!(take(&mut text), None);
        text.extend(b"ats\ndata:3\n\n");
        assert_eq!(take(&mut text).unwrap().content("stats"), Some(3));
        assert_eq!(take(&mut text), None);
    }
}
