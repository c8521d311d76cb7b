-- One row for each session and route: the sets of numbers, and counts of them so that sums need not read the sets.
-- Times are microseconds since the Unix epoch, 0 for never.
CREATE TABLE accounts (
    session TEXT NOT NULL,
    route TEXT NOT NULL,
    processed TEXT NOT NULL DEFAULT '',
    duplicates BIGINT NOT NULL DEFAULT 0,
    reordered BIGINT NOT NULL DEFAULT 0,
    processed_at BIGINT NOT NULL DEFAULT 0,
    emitted TEXT NOT NULL DEFAULT '',
    accepted TEXT NOT NULL DEFAULT '',
    rejected TEXT NOT NULL DEFAULT '',
    shed TEXT NOT NULL DEFAULT '',
    reported_at BIGINT NOT NULL DEFAULT 0,
    touched_at BIGINT NOT NULL DEFAULT 0,
    emitted_count BIGINT NOT NULL DEFAULT 0,
    processed_count BIGINT NOT NULL DEFAULT 0,
    rejected_count BIGINT NOT NULL DEFAULT 0,
    shed_count BIGINT NOT NULL DEFAULT 0,
    in_flight_count BIGINT NOT NULL DEFAULT 0,
    missing_count BIGINT NOT NULL DEFAULT 0,
    residual BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (session, route)
);
CREATE INDEX accounts_touched ON accounts (touched_at);

-- Events that no session numbered, by route.
CREATE TABLE unnumbered (
    route TEXT PRIMARY KEY,
    processed BIGINT NOT NULL
);

-- Where each source goes on: `http-poll`, or `topic/partition`.
CREATE TABLE positions (
    source TEXT PRIMARY KEY,
    next_position BIGINT NOT NULL
);

-- What a use case remembers of a key on a route, as JSON of its own making.
CREATE TABLE rule_states (
    use_case TEXT NOT NULL,
    route TEXT NOT NULL,
    rule_key TEXT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (use_case, route, rule_key)
);

CREATE TABLE alerts (
    id TEXT PRIMARY KEY,
    detected_at BIGINT NOT NULL,
    alert TEXT NOT NULL
);
CREATE INDEX alerts_detected ON alerts (detected_at);

-- Mail requests the mailer has not taken yet.
CREATE TABLE outbox (
    id TEXT PRIMARY KEY,
    created_at BIGINT NOT NULL,
    mail TEXT NOT NULL
);
