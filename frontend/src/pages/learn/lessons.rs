//! The lessons: texts, pictures, and the scenario that each one runs.

/// A lesson. Its name is the last part of its address.
pub struct Lesson {
    /// The name.
    pub name: &'static str,
    /// The title.
    pub title: &'static str,
    /// The text, in paragraphs; at most 120 words.
    pub text: &'static [&'static str],
    /// The question that it answers.
    pub question: &'static str,
    /// The picture.
    pub picture: Picture,
    /// The scenario.
    pub scenario: &'static str,
    /// The expectation, before the experiment.
    pub expect: &'static str,
    /// The sources of facts that are not measured here: a title and an address.
    pub sources: &'static [(&'static str, &'static str)],
}

/// A picture, drawn three times as SVG.
pub struct Picture {
    /// For a wide window.
    pub wide: &'static str,
    /// For a narrow one.
    pub narrow: &'static str,
    /// Small and without words, for the list of the lessons.
    pub small: &'static str,
    /// Its text for those who cannot see it.
    pub text: &'static str,
}

/// The drawings of a lesson with this name, and their text.
macro_rules! picture {
    ($name:literal, $text:literal) => {
        Picture {
            wide: include_str!(concat!("pictures/", $name, ".svg")),
            narrow: include_str!(concat!("pictures/", $name, "-narrow.svg")),
            small: include_str!(concat!("pictures/", $name, "-small.svg")),
            text: $text,
        }
    };
}

/// All lessons, in their order.
pub static LESSONS: [Lesson; 8] = [
    Lesson {
        name: "direct-call",
        title: "The direct call",
        text: &[
            "The shortest way from one program to another is a call. The backend receives an event, sends it on to the consumer over HTTP, and waits for the answer. Only then it answers the sender. So “accepted” means here: the work is done. Nothing else has to run, and nothing can be forgotten in between.",
            "The price is a bond: both must be there at the same moment. While the consumer is away, the backend can only refuse. Then each sender has to keep its events and to try again, more and more seldom. A page can do that. A sensor with little memory may not.",
        ],
        question: "What if the receiver is away?",
        picture: picture!(
            "direct-call",
            "An arrow leads from the sender over the backend to the consumer. The answer takes the same way back."
        ),
        scenario: "consumer-down",
        expect: "The consumer is away for ten seconds. Meanwhile http-push refuses, and its senders wait; their events arrive afterwards. The other two routes accept all the time. Nothing is lost.",
        sources: &[],
    },
    Lesson {
        name: "table-in-between",
        title: "A table in between",
        text: &[
            "Put a table between the two. The backend writes each event into it and answers at once. The consumer asks for new events again and again: it polls. It remembers one number, the cursor: everything up to here is done. Now the consumer may be away, and no sender feels it.",
            "But a table has an end. Old rows must go, or the disk is full one day. So each row has a time to live. A consumer that is away for longer finds a gap. The sender cannot help: it has its answer, and has forgotten the event. A store that keeps events for others must state for how long.",
        ],
        question: "What if it is away for longer than a table keeps the events?",
        picture: picture!(
            "table-in-between",
            "The backend writes rows into a table. The consumer fetches those after its cursor. The oldest rows have expired."
        ),
        scenario: "outage-outlasts-store",
        expect: "The store keeps events for four seconds here, and the consumer is away for ten. http-poll accepts everything and then loses the oldest. http-push and kafka lose nothing.",
        sources: &[],
    },
    Lesson {
        name: "log",
        title: "The log",
        text: &[
            "A log is a file to which one only appends. Each record has a number, its offset. Reading removes nothing: a reader only remembers how far it is. So many readers can use one log, each at its own speed, and a new one can begin at the oldest record. After a mistake, a reader goes back and reads again.",
            "That is the idea of Kafka. It was made at LinkedIn, where many systems wanted the same events and each pair of them had a pipe of its own. Records are kept for days, by time or by size, no matter who has read them.",
        ],
        question: "Can somebody new read the past?",
        picture: picture!(
            "log",
            "Records with the offsets 0 to 9 in a row. Two readers stand at different offsets; a new one begins at 0."
        ),
        scenario: "second-reader",
        expect: "A second reader starts while events flow, and wants the earlier ones, too. Over http-push it gets none of them. Over http-poll and kafka it gets all, and the first reader does not notice.",
        sources: &[
            (
                "J. Kreps, N. Narkhede, J. Rao: Kafka, a distributed messaging system for log processing. NetDB 2011",
                "https://www.microsoft.com/en-us/research/wp-content/uploads/2017/09/Kafka.pdf",
            ),
            (
                "J. Kreps: The Log. LinkedIn Engineering, 2013",
                "https://engineering.linkedin.com/distributed-systems/log-what-every-software-engineer-should-know-about-real-time-datas-unifying",
            ),
        ],
    },
    Lesson {
        name: "keys",
        title: "Keys, partitions, order",
        text: &[
            "One log is as fast as one machine. So a topic is cut into partitions, each a log of its own. The key of an event decides its partition. All events of one sender have the same key, so they lie in one partition, one after the other. Order holds within a partition, and nowhere else. That is enough where only the events of one sender belong together.",
            "It has a weak point: the hot key. If one sender makes most of the events, one partition has most of the work, and the others cannot help. More partitions do not change that. A better key does, or a faster consumer.",
        ],
        question: "Does order survive when work is shared?",
        picture: picture!(
            "keys",
            "Three partitions. One sender's events fill the first; the other two are nearly empty."
        ),
        scenario: "hot-key",
        expect: "One client sends eight of ten events, and three consumers share the work. Over kafka one of them has most of it. No route breaks the order of a sender.",
        sources: &[],
    },
    Lesson {
        name: "groups",
        title: "Consumer groups",
        text: &[
            "Consumers that share the work form a group. Each partition belongs to exactly one of them, so the order within it stays. If a consumer comes or goes, the group hands out the partitions anew: it rebalances. For a moment nobody reads those that change hands.",
            "The number of partitions is the limit. With three of them, three consumers work, and a fourth one waits. It is not useless: it takes over where another dies. The HTTP routes have no group. http-push calls one address, and http-poll has one cursor. To share their work, somebody has to build what a group does.",
        ],
        question: "Do more consumers do more work?",
        picture: picture!("groups", "Three partitions lead to three consumers, one each. A fourth consumer has none."),
        scenario: "more-consumers",
        expect: "One consumer cannot keep up, and two more are added after ten seconds. Over kafka the queue stops growing. http-push gains nothing: it calls the first consumer alone.",
        sources: &[],
    },
    Lesson {
        name: "replicas",
        title: "Replicas and the dying leader",
        text: &[
            "Each partition has copies on other brokers, its replicas. One of them leads: all write to it, and the others copy. An event counts as accepted when all replicas in sync have it, here at least two of three. If the leader dies, another one leads after some seconds, and it has every accepted event. Meanwhile senders wait or are refused, so they still have to try again.",
            "Three brokers cost memory, disks and attention three times. A single one is a log on one disk: while it is away, the route stands still. The HTTP routes need no broker. Their databases have the same question: where is the second copy?",
        ],
        question: "What if the leading broker dies?",
        picture: picture!(
            "replicas",
            "Three brokers with a copy each. The leader is crossed out, and another one leads."
        ),
        scenario: "leader-killed",
        expect: "The leader of three brokers is killed. Over kafka some seconds pass until another one leads, and no accepted event is lost. The HTTP routes do not notice.",
        sources: &[("Apache Kafka: Replication", "https://kafka.apache.org/documentation/#replication")],
    },
    Lesson {
        name: "guarantees",
        title: "At most, at least, effectively once",
        text: &[
            "A consumer does two things with an event: the work, and the note how far it is. If it crashes between them, their order decides. Note first: the event is lost, at most once. Work first: the event is done again, at least once. For more than that, both must be one step: effectively once. Here effects and note are one transaction, so a crash undoes both.",
            "A mail cannot be undone. It gets an identity instead, so that doing it twice changes nothing: it is idempotent. Senders need that, too. An answer may get lost, so they send again, with the same number, and the receiver notices.",
        ],
        question: "What happens twice when a consumer crashes?",
        picture: picture!(
            "guarantees",
            "Three orders of work and note, with a crash between them: lost, done twice, and neither."
        ),
        scenario: "at-least-once",
        expect: "The consumer crashes again and again, and its note comes after the work. Nothing is lost, but http-poll and kafka do some work twice: there are more alerts and mails than the events called for.",
        sources: &[],
    },
    Lesson {
        name: "plain-http",
        title: "When plain HTTP is the better choice",
        text: &[
            "A broker is for many events, many readers and a long memory. It costs a program that never rests, its upkeep, and some milliseconds. If there is one receiver, if the sender can wait, and if a few events a second come, a direct call is quicker, cheaper and easier to understand. An error arrives where somebody can see it. A table in a database that you run already buys the pause between sender and receiver, for a long time.",
            "Choose a log if several teams read the same events, if history matters, if receivers are away for longer than senders can keep their events, or if one machine is too small. Begin with the simplest, and measure.",
        ],
        question: "When is a broker too much?",
        picture: picture!(
            "plain-http",
            "A balance: on one side a short arrow, on the other side a log with three readers."
        ),
        scenario: "quiet",
        expect: "Five events a second, and nothing goes wrong. http-push is quickest until an event has its effect. kafka needs one program more, and the most memory and processor time.",
        sources: &[],
    },
];

/// The lesson of this name, and its number from 1.
pub fn find(name: &str) -> Option<(usize, &'static Lesson)> {
    (1..).zip(&LESSONS).find(|(_, lesson)| lesson.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_lesson_is_short_and_runs_a_scenario_that_exists() {
        let scenarios: BTreeSet<String> =
            verdict::builtin_scenarios::all().into_iter().map(|scenario| scenario.name).collect();
        let mut names = BTreeSet::new();
        for lesson in &LESSONS {
            let words = lesson.text.iter().flat_map(|paragraph| paragraph.split_whitespace()).count();
            assert!((60..=120).contains(&words), "{}: {words} words", lesson.name);
            assert!(scenarios.contains(lesson.scenario), "{}", lesson.name);
            for drawing in [lesson.picture.wide, lesson.picture.narrow, lesson.picture.small] {
                assert!(drawing.starts_with("<svg ") && !drawing.contains("script"), "{}", lesson.name);
            }
            assert!(!lesson.picture.small.contains("<text"), "{}: too small for words", lesson.name);
            assert!(lesson.question.ends_with('?'), "{}", lesson.name);
            assert!(names.insert(lesson.name));
        }
    }
}
