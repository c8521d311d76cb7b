-- One row for the events of each commit, as JSON, one event per line. The positions in a row have no gap.
CREATE TABLE stored_pages (
    last_position BIGINT PRIMARY KEY,
    first_position BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    events TEXT NOT NULL
);
INSERT INTO stored_pages (last_position, first_position, expires_at, events)
    SELECT position, position, expires_at, event FROM stored_events;
DROP TABLE stored_events;
CREATE INDEX stored_pages_expiry ON stored_pages (expires_at);
