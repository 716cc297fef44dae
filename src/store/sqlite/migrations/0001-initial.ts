/**
 * The first schema. Records are kept whole as JSON; columns beside them are what queries and constraints need.
 * A migration is never edited once released: the next one changes what it made.
 */
export const initialSchema = `
-- The chain. 'line' is the exact text that was hashed, as bytes.
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  time TEXT NOT NULL,
  prev TEXT NOT NULL UNIQUE,
  hash TEXT NOT NULL UNIQUE,
  line BLOB NOT NULL
) STRICT;
CREATE INDEX audit_checkpoints ON audit (seq) WHERE kind = 'checkpoint';

CREATE TRIGGER audit_never_updated BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'audit records are never changed'); END;
CREATE TRIGGER audit_never_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'audit records are never deleted'); END;
-- Also stops REPLACE where a tool has not turned recursive_triggers on: a replaced row is never the next one.
CREATE TRIGGER audit_only_appended BEFORE INSERT ON audit
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM audit)
  OR NEW.prev <> coalesce((SELECT hash FROM audit ORDER BY seq DESC LIMIT 1), '${'0'.repeat(64)}')
  OR EXISTS (SELECT 1 FROM audit WHERE hash = NEW.hash)
BEGIN SELECT RAISE(ABORT, 'audit records are only appended to the end of the chain'); END;

CREATE TABLE evaluations (
  id TEXT PRIMARY KEY,
  model TEXT NOT NULL,
  window_end INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  verdict TEXT NOT NULL,
  hash TEXT NOT NULL,
  ended_at TEXT NOT NULL,
  record TEXT NOT NULL,
  UNIQUE (model, window_end, revision)
) STRICT;

CREATE TABLE verdicts (
  evaluation TEXT NOT NULL REFERENCES evaluations (id) ON DELETE CASCADE,
  model TEXT NOT NULL,
  check_name TEXT NOT NULL,
  version TEXT NOT NULL,
  window_end INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  verdict TEXT NOT NULL,
  worst TEXT,
  PRIMARY KEY (evaluation, check_name, version)
) STRICT;
CREATE INDEX verdicts_by_window ON verdicts (model, check_name, version, window_end, revision);

CREATE TABLE progress (
  model TEXT PRIMARY KEY,
  window_end INTEGER NOT NULL,
  first_start INTEGER NOT NULL,
  unknown_since INTEGER
) STRICT;

CREATE TABLE statuses (model TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT;

CREATE TABLE check_states (
  model TEXT NOT NULL,
  key TEXT NOT NULL,
  window_end INTEGER NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (model, key)
) STRICT;

CREATE TABLE baselines (
  id TEXT PRIMARY KEY,
  model TEXT NOT NULL,
  hash TEXT NOT NULL,
  frozen_at TEXT NOT NULL,
  record TEXT NOT NULL
) STRICT;
CREATE INDEX baselines_by_model ON baselines (model, frozen_at);

CREATE TABLE exceptions (
  id TEXT PRIMARY KEY,
  model TEXT NOT NULL,
  cause TEXT NOT NULL,
  open INTEGER NOT NULL CHECK (open IN (0, 1)),
  opened_at TEXT NOT NULL,
  rev INTEGER NOT NULL,
  record TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX exceptions_one_open ON exceptions (model, cause) WHERE open = 1;
CREATE INDEX exceptions_by_model ON exceptions (model, opened_at);

CREATE TABLE rollbacks (
  id TEXT PRIMARY KEY,
  model TEXT NOT NULL,
  active INTEGER NOT NULL CHECK (active IN (0, 1)),
  created_at TEXT NOT NULL,
  rev INTEGER NOT NULL,
  record TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX rollbacks_one_active ON rollbacks (model) WHERE active = 1;
CREATE INDEX rollbacks_by_model ON rollbacks (model, created_at);

CREATE TABLE holds (
  model TEXT NOT NULL,
  version TEXT NOT NULL,
  rollback TEXT NOT NULL,
  released_at TEXT,
  record TEXT NOT NULL,
  PRIMARY KEY (model, version, rollback)
) STRICT;

-- In order of arrival by rowid, which an update keeps.
CREATE TABLE messages (
  key TEXT PRIMARY KEY,
  exception TEXT NOT NULL REFERENCES exceptions (id),
  state TEXT NOT NULL,
  record TEXT NOT NULL
) STRICT;
CREATE INDEX messages_waiting ON messages (state) WHERE state = 'waiting';
CREATE INDEX messages_by_exception ON messages (exception);

CREATE TABLE served_versions (
  model TEXT NOT NULL,
  entity TEXT NOT NULL,
  version TEXT NOT NULL,
  first_seen TEXT NOT NULL,
  PRIMARY KEY (model, entity, version)
) STRICT;

CREATE TABLE counters (
  name TEXT NOT NULL,
  labels TEXT NOT NULL,
  value REAL NOT NULL,
  PRIMARY KEY (name, labels)
) STRICT;

CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
`;
