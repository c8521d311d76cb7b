-- A mailer's database of version 0.1.0, as `sqlite3 mailer.db .dump` writes it: a mail in each state.
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
INSERT INTO _sqlx_migrations VALUES (1, '', '2026-11-30 12:00:00', 1, X'43425b03fd8ce8aa926325596fd6500c4841628d35c17ccde12fbbe29efae8153ff4748c9e10158b8e5c9cc643cf1085', 100000);
INSERT INTO _sqlx_migrations VALUES (2, '', '2026-11-30 12:00:00', 1, X'683e86cf6dcbcec5a010d23fee6797e7771c8b0affdb94a7e3ebed5a948f7d1954e121eab04d09eca3008bf75d422a61', 100000);
CREATE TABLE mails (
    id TEXT PRIMARY KEY,
    request TEXT NOT NULL,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    interrupted BIGINT NOT NULL DEFAULT 0,
    due_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    error TEXT NOT NULL
);
INSERT INTO mails VALUES ('0192f0c1-aaaa-5000-8000-000000000001', '{"id":"0192f0c1-aaaa-5000-8000-000000000001","from":"ese@example.com","to":"operator@example.com","subject":"Sent","content":"One.\n"}', 'operator@example.com', 'Sent', 'sent', 1, 0, 1700000000000000, 1700000001000000, '');
INSERT INTO mails VALUES ('0192f0c1-aaaa-5000-8000-000000000002', '{"id":"0192f0c1-aaaa-5000-8000-000000000002","from":"ese@example.com","to":"operator@example.com","subject":"Queued","content":"Two.\n"}', 'operator@example.com', 'Queued', 'queued', 2, 0, 1700000000000000, 1700000002000000, 'SMTP: come back later');
-- Claimed by a mailer that has died.
INSERT INTO mails VALUES ('0192f0c1-aaaa-5000-8000-000000000003', '{"id":"0192f0c1-aaaa-5000-8000-000000000003","from":"ese@example.com","to":"operator@example.com","subject":"Claimed","content":"Three.\n"}', 'operator@example.com', 'Claimed', 'sending', 1, 0, 1700000000000000, 1700000003000000, '');
INSERT INTO mails VALUES ('0192f0c1-aaaa-5000-8000-000000000004', '{"id":"0192f0c1-aaaa-5000-8000-000000000004","from":"ese@example.com","to":"nobody@example.com","subject":"Failed","content":"Four.\n"}', 'nobody@example.com', 'Failed', 'failed', 1, 0, 1700000000000000, 1700000004000000, 'SMTP: no such user');
CREATE TABLE positions (
    source TEXT PRIMARY KEY,
    next_position BIGINT NOT NULL
);
INSERT INTO positions VALUES ('mail-requests/0', 3);
CREATE INDEX mails_due ON mails (state, due_at);
CREATE INDEX mails_changed ON mails (changed_at);
COMMIT;
