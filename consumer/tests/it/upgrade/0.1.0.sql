-- A ledger of version 0.1.0, as `sqlite3 consumer.db .dump` writes it. Its times are of 14 November 2023.
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
);
INSERT INTO _sqlx_migrations VALUES (1, '', '2026-11-30 12:00:00', 1, X'd7d641b5f75b3e9bd7b8614ecc200a4d58a1ca8698337d288e39bd0d5e4709b2e08722fc59c1f15c313fea1d22c592dd', 100000);
INSERT INTO _sqlx_migrations VALUES (2, '', '2026-11-30 12:00:00', 1, X'e27c60fdc0edc64b8fecc1743e0884150c0867d63af2eac7dcdc2d6c2400038916a4defd6ba5490d31ad6577149cf5c3', 100000);
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
-- Five emitted: three processed, the fourth accepted and lost, the fifth rejected.
INSERT INTO accounts VALUES ('0192f0c1-0000-7000-8000-000000000001', 'http-push', '1-3', 1, 1, 1700000001000000, '1-5', '1-4', '5', '', 1700000060000000, 1700000060000000, 5, 3, 1, 0, 1, 1, 0);
CREATE TABLE unnumbered (
    route TEXT PRIMARY KEY,
    processed BIGINT NOT NULL
);
INSERT INTO unnumbered VALUES ('kafka', 7);
CREATE TABLE positions (
    source TEXT PRIMARY KEY,
    next_position BIGINT NOT NULL
);
INSERT INTO positions VALUES ('http-poll', 3);
INSERT INTO positions VALUES ('click-events/0', 12);
CREATE TABLE rule_states (
    use_case TEXT NOT NULL,
    route TEXT NOT NULL,
    rule_key TEXT NOT NULL,
    state TEXT NOT NULL,
    due_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (use_case, route, rule_key)
);
-- Two presses, of which a third one makes an alert; and an order that nobody has completed.
INSERT INTO rule_states VALUES ('steady-clicks', 'http-push', '127.0.0.1', '["2023-11-14T22:13:20.002Z","2023-11-14T22:13:20.003Z"]', 0);
INSERT INTO rule_states VALUES ('stuck-orders', 'http-push', '127.0.0.1/A-1', '{"completed":[],"created":{"at":"2023-11-14T22:13:20Z","cause":{"id":"0192f0c1-2345-7abc-8def-0000000000a1","ip":"127.0.0.1","source":"/sessions/0192f0c1-0000-7000-8000-000000000001"},"name":"A-1"}}', 1700000020000000);
CREATE TABLE alerts (
    id TEXT PRIMARY KEY,
    detected_at BIGINT NOT NULL,
    alert TEXT NOT NULL,
    use_case TEXT NOT NULL DEFAULT 'steady-clicks',
    route TEXT NOT NULL DEFAULT ''
);
INSERT INTO alerts VALUES ('0192f0c1-aaaa-5000-8000-000000000001', 1700000002000000, '{"id":"0192f0c1-aaaa-5000-8000-000000000001","use_case":"steady-clicks","route":"kafka","key":"10.0.0.7","event":"0192f0c1-2345-7abc-8def-0000000000b3","activity":{"started":"2023-11-14T22:13:20Z","ended":"2023-11-14T22:13:20.5Z"},"detected":"2023-11-14T22:13:22Z","subject":"Steady clicks from 10.0.0.7"}', 'steady-clicks', 'kafka');
CREATE TABLE outbox (
    id TEXT PRIMARY KEY,
    created_at BIGINT NOT NULL,
    mail TEXT NOT NULL
);
INSERT INTO outbox VALUES ('0192f0c1-aaaa-5000-8000-000000000001', 1700000002000000, '{"id":"0192f0c1-aaaa-5000-8000-000000000001","from":"ese@example.com","to":"operator@example.com","subject":"Steady clicks from 10.0.0.7","content":"Three.\n"}');
CREATE TABLE use_case_settings (
    use_case TEXT PRIMARY KEY,
    settings TEXT NOT NULL
);
INSERT INTO use_case_settings VALUES ('steady-clicks', '{"window_ms":2000}');
CREATE INDEX accounts_touched ON accounts (touched_at);
CREATE INDEX alerts_detected ON alerts (detected_at);
CREATE INDEX rule_states_due ON rule_states (route, due_at);
CREATE INDEX alerts_use_case ON alerts (use_case, route, detected_at);
COMMIT;
