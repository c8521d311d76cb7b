//! Lines of the log that would come again and again while something lasts: the first of equal ones is new, the others not.

use std::time::Duration;

use tokio::time::Instant;

/// A line that comes again within this time is the same one. librdkafka repeats an error that lasts every 30 s.
const SAME: Duration = Duration::from_mins(5);
/// This many lines are kept; the oldest goes first.
const MOST: usize = 64;

/// The lines that came lately, the latest last.
#[derive(Debug, Default)]
pub struct Repeats(Vec<(String, Instant)>);

impl Repeats {
    /// No line yet.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Enters a line; returns whether it is new.
    pub fn is_new(&mut self, line: &str) -> bool {
        let now = Instant::now();
        let earlier = self.0.iter().position(|(known, _)| known == line).map(|index| self.0.remove(index));
        if self.0.len() >= MOST {
            self.0.remove(0);
        }
        self.0.push((line.to_owned(), now));
        earlier.is_none_or(|(_, at)| now.duration_since(at) > SAME)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_line_is_new_once_and_again_after_five_quiet_minutes() {
        let mut repeats = Repeats::new();
        assert!(repeats.is_new("a"));
        for _ in 0..10 {
            tokio::time::advance(Duration::from_secs(200)).await;
            assert!(!repeats.is_new("a"), "it lasts");
        }
        assert!(repeats.is_new("b"));
        tokio::time::advance(Duration::from_secs(301)).await;
        assert!(repeats.is_new("a") && repeats.is_new("b"));
    }

    #[test]
    fn only_so_many_lines_are_kept() {
        let mut repeats = Repeats::new();
        for number in 0..2 * MOST {
            assert!(repeats.is_new(&number.to_string()));
        }
        assert_eq!((repeats.0.len(), repeats.0[0].0.as_str()), (MOST, "64"));
    }
}
