//! The method of every report, and its limits.

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
