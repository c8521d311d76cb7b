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

/// The things that one machine cannot show.
pub(crate) const LIMITS: [(&str, &str); 6] = [
    (
        "Lost disks",
        "All parts write to one disk. A broker that loses its disk, and how a replica replaces it, was not tried.",
    ),
    (
        "Racks and data centres",
        "Three brokers on one machine share its power, its kernel and its memory. They fail together, and replication between \
         sites adds delay that was not measured.",
    ),
    (
        "Real networks",
        "Connections go through the loopback interface. A slow or cut connection was made on purpose by a proxy: packet loss, \
         congestion, asymmetric partitions and the cost of TLS are missing.",
    ),
    (
        "A second clock",
        "All times come from one clock. Between machines, clocks differ by milliseconds, and so would every latency here.",
    ),
    (
        "Size",
        "A few processors serve the senders and all parts at once. Absolute numbers belong to this machine; partitions, consumers \
         and brokers pay off only where each has processors and disks of its own.",
    ),
    (
        "Time",
        "A run lasts minutes. Compaction, retention over weeks, upgrades and the work of the people on call were not measured.",
    ),
];

/// The way from runs to numbers.
pub(crate) const METHOD: [&str; 8] = [
    "A run is one scenario over one route alone, on a fresh state. The routes take turns in a random order that follows from the seed.",
    "The load is open loop: the schedule waits for no answer. Every latency counts from the moment an event was due, so that a \
     sender that had to wait is not forgotten.",
    "All events and effects are counted exactly, in a ledger whose sum must come out even.",
    "An event that was lost lasts longer than every other one: a route has no percentile and no recovery where such an event \
     decides, and the cost of an event is that of a processed one.",
    "Processors, memory and disk count until the last event was processed; the wait for more is no part of it.",
    "A run is void if the generator was late, if the machine was busy with something else, if times of processed events are \
     missing or more than one in a hundred is a guess, if the ledger's residual is not 0 or its events are not those that were due, \
     if alerts or mails are missing, or if the run came to no end. A void run is repeated once and decides nothing.",
    "The tables show the median over the valid repetitions.",
    "For all criteria less is better.",
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

/// The way from numbers to verdicts; [`crate::statistics`] has the details.
pub(crate) const VERDICTS: [&str; 6] = [
    "Two routes are compared run by run: each run of the one with each run of the other. The estimate is the median of these ratios or \
     differences (Hodges and Lehmann, 1963). The interval follows from the exact distribution of U (Mann and Whitney, 1947), which \
     assumes nothing about the shape of the values.",
    "Better: the whole interval lies beyond the band. Same: the whole interval lies inside it (two one-sided tests: Schuirmann, \
     1987). Undecided: everything else.",
    "The confidence is 98 %, not 95 %, since a scenario has up to 16 criteria and three pairs of routes. Five runs of each route reach \
     it. Three runs do not: two samples of three from one distribution lie apart in one of ten cases. With three repetitions ranks \
     decide nothing. A comparison of many scenarios has hundreds of verdicts, so a few are false.",
    "Numbers without chance need no interval: if all runs of both routes gave the same number, it is the same, and the number of \
     parts follows from the stack.",
    "For events lost, duplicated, out of order or missed, and for unavailable senders, 0 is right. If all runs of one route were \
     without fault and none of the other, with at least three runs each, the first is better: with three runs wrong in 3.1 % of all cases at most, with five in 0.2 % \
     (Barnard, 1945).",
    "The band is stated for each criterion. Two medians are practically the same if they differ by no more than the wider of its two bounds.",
];
