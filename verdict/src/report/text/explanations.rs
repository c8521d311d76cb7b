//! Statements that every report has.

use domain::Route;

use crate::judgement::Mark;

/// The title of every report.
pub(crate) const TITLE: &str = "Plain HTTP, or Kafka?";

/// The way of an event on each route.
pub(crate) const ROUTES: [(Route, &str); 3] = [
    (
        Route::HttpPush,
        "The backend calls the consumer over HTTP. The sender gets its answer when the event is processed.",
    ),
    (
        Route::HttpPoll,
        "The backend writes the event into a store, and the consumer asks for new events over HTTP. The sender gets its answer \
         when the event is stored. The store drops an event after a while: 10 minutes, unless a scenario says otherwise.",
    ),
    (
        Route::Kafka,
        "The backend appends the event to a log on a Kafka broker, and consumers read the log, each at its own pace. The sender \
         gets its answer when the broker has the event. The log keeps an event for a week by default.",
    ),
];

/// The terms of the decision.
pub(crate) const TERMS: &str = "An event is accepted when its sender has this answer, and processed when the consumer has committed \
    its effects. A sender keeps an event that was refused and sends it again, unless a scenario says otherwise. With \
    the guarantee at most once the sender gets its answer at once. A scenario is a load, perhaps with faults; its runs have one route \
    each.";

/// The reading of the decision table.
pub(crate) const DECISION: &str = "For all criteria less is better. Each row is from one scenario, which stands at its end: the one that \
    shows the criterion most clearly. A scenario under usual conditions that decides the criterion goes first. So a column is \
    no profile of a route. Where another scenario under usual conditions shows the reverse, it stands below.";

/// The marks of the decision table, with their meaning.
pub(crate) const MARKS: [(Mark, &str); 6] = [
    (Mark::Best, "best"),
    (Mark::Ahead, "better than one other"),
    (Mark::Middle, "better than one other, worse than the third"),
    (Mark::Worst, "worse than one or both others"),
    (Mark::Same, "no practical difference"),
    (Mark::Undecided, "undecided"),
];

/// The reading of a scenario's charts and tables.
pub(crate) const READING: [(&str, &str); 5] = [
    ("Prediction", "It stands in the scenario. A wrong one stays as it was written, and is shown as wrong."),
    (
        "Timeline",
        "A line is the median of the repetitions; the area around it goes from the least to the most. Dashed: events that were due. \
         Shaded: a fault, as it came in the first repetition; a repeated fault comes a little earlier or later in each. All routes have the same scales, in seconds since the load began.",
    ),
    (
        "Distributions",
        "Durations of the events that arrived, from the moment an event was due. The box holds half of the events, the bar in it is the median, the line goes \
         from 1 % to 99.9 % with a mark at 99 %. Dots: the medians of the repetitions. Each step of the scale is ten times the one before.",
    ),
    (
        "Ledger",
        "Events of all valid runs together. Emitted is the sum of processed, rejected, shed, in flight and lost; the residual is the \
         rest. Duplicates and reordered are outside the sum. Other terms than lost and residual are left out if they are 0 on all routes.",
    ),
    (
        "Verdicts",
        "Medians, with the least and the most of the repetitions. A comparison of two routes is a ratio (×) or a difference (+, −) of the \
         first to the second, with its interval of 98 % confidence; a lower one is stated. Below a criterion stands the band in which a \
         difference does not matter.",
    ),
];
