-- The journal, schema 1. Why it looks like this: FORMAT.md.
--
-- Embedded into the binary at build time. A change needs a new user_version, a step in migration.cpp
-- and a paragraph in FORMAT.md; the text of a released version never changes.

PRAGMA application_id = 1447904850;  -- "VMFR"
PRAGMA user_version = 1;

-- What each transaction is about. Written once, by BEGIN, whose hash covers `digest`.
CREATE TABLE transactions (
    id          TEXT    NOT NULL PRIMARY KEY,
    command     TEXT    NOT NULL,
    vm_uuid     TEXT    NOT NULL,
    vm_name     TEXT    NOT NULL,
    source      TEXT    NOT NULL,
    target      TEXT    NOT NULL,
    epoch       INTEGER NOT NULL,
    begun_at_ms INTEGER NOT NULL,
    digest      TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- The journal proper: append-only, hash-chained in the order of `sequence`.
CREATE TABLE entries (
    sequence       INTEGER NOT NULL PRIMARY KEY,
    transaction_id TEXT    NOT NULL REFERENCES transactions (id),
    ordinal        INTEGER NOT NULL,  -- 1, 2, 3... within its transaction
    kind           TEXT    NOT NULL,
    object         TEXT    NOT NULL,
    body           TEXT    NOT NULL,
    actor          TEXT    NOT NULL,
    at_ms          INTEGER NOT NULL,
    previous_hash  TEXT    NOT NULL,
    hash           TEXT    NOT NULL
) STRICT;

CREATE UNIQUE INDEX entries_by_transaction ON entries (transaction_id, ordinal);

-- What the entries of a transaction amount to, and who works on it. Derived, apart from the worker.
CREATE TABLE states (
    transaction_id TEXT    NOT NULL PRIMARY KEY REFERENCES transactions (id),
    first_sequence INTEGER NOT NULL,
    last_sequence  INTEGER NOT NULL,
    entries        INTEGER NOT NULL,
    last_kind      TEXT    NOT NULL,
    outcome        TEXT    NOT NULL,
    debts          TEXT    NOT NULL,
    aborting       INTEGER NOT NULL CHECK (aborting IN (0, 1)),
    changed_at_ms  INTEGER NOT NULL,
    machine        TEXT    NOT NULL,
    boot_id        TEXT    NOT NULL,
    pid            INTEGER NOT NULL,
    start_ticks    INTEGER NOT NULL,
    digest         TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- Where the chain ends, so that a lost tail is seen. One row.
CREATE TABLE chain_head (
    id           INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    sequence     INTEGER NOT NULL,
    hash         TEXT    NOT NULL,
    transactions INTEGER NOT NULL,
    digest       TEXT    NOT NULL
) STRICT;

CREATE TRIGGER entries_never_change BEFORE UPDATE ON entries
BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;

CREATE TRIGGER entries_never_go BEFORE DELETE ON entries
BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;

-- Also stops INSERT OR REPLACE, which would delete without firing the trigger above.
CREATE TRIGGER entries_are_appended BEFORE INSERT ON entries
WHEN NEW.sequence IS NOT (SELECT coalesce(max(sequence), 0) + 1 FROM entries)
BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;

CREATE TRIGGER transactions_never_change BEFORE UPDATE ON transactions
BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;

CREATE TRIGGER transactions_never_go BEFORE DELETE ON transactions
BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;

CREATE TRIGGER transactions_are_never_replaced BEFORE INSERT ON transactions
WHEN EXISTS (SELECT 1 FROM transactions WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;

CREATE TRIGGER states_never_go BEFORE DELETE ON states
BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;

CREATE TRIGGER chain_head_never_goes BEFORE DELETE ON chain_head
BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;

CREATE TRIGGER chain_head_never_goes_back BEFORE UPDATE ON chain_head
WHEN NEW.sequence < OLD.sequence OR NEW.transactions < OLD.transactions
BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;
