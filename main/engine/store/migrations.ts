/**
 * The schema, as a list of steps: step i brings `user_version` from i to i + 1, in one transaction. A step that has been released is
 * never changed. A step is SQL, or a function where SQL alone cannot tell. Large or nested values are JSON text; times are ISO 8601 in UTC.
 */
import { fillFamilies } from './families.ts'
import type { Tables } from './tables.ts'
import { upgradeProtocols } from './upgrade-protocols.ts'

export type MigrationStep = string | ((tables: Tables) => void)

export const migrations: readonly MigrationStep[] = [
  `
  CREATE TABLE datasets (
    name TEXT PRIMARY KEY,
    created_at TEXT NOT NULL,
    checksum TEXT NOT NULL,
    manifest TEXT NOT NULL
  ) STRICT;

  CREATE TABLE protocols (
    hash TEXT PRIMARY KEY,
    protocol TEXT NOT NULL
  ) STRICT;

  CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    dataset TEXT NOT NULL REFERENCES datasets(name),
    model TEXT NOT NULL,
    recipe TEXT,
    spec TEXT NOT NULL,
    seed INTEGER,
    threads INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'finished', 'cancelled', 'interrupted', 'failed')),
    -- the engine process that works on it, see owner.ts; null when nobody does
    owner TEXT,
    created_at TEXT NOT NULL,
    started_at TEXT,
    finished_at TEXT,
    seconds REAL NOT NULL DEFAULT 0,
    examples_per_second REAL,
    peak_rss_mb REAL,
    best_epoch INTEGER,
    protocol TEXT REFERENCES protocols(hash),
    note TEXT NOT NULL DEFAULT '',
    error TEXT
  ) STRICT;
  CREATE INDEX runs_by_name ON runs(name, created_at);
  CREATE INDEX runs_by_dataset ON runs(dataset);

  CREATE TABLE environments (
    run TEXT PRIMARY KEY REFERENCES runs(id) ON DELETE CASCADE,
    environment TEXT NOT NULL
  ) STRICT;

  CREATE TABLE epochs (
    run TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    epoch INTEGER NOT NULL,
    loss REAL,
    examples_per_second REAL NOT NULL,
    learning_rate REAL NOT NULL,
    validation TEXT NOT NULL,
    PRIMARY KEY (run, epoch)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE steps (
    run TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    step INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    loss REAL,
    learning_rate REAL NOT NULL,
    PRIMARY KEY (run, step)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE metrics (
    run TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    part TEXT NOT NULL,
    protocol TEXT NOT NULL REFERENCES protocols(hash),
    name TEXT NOT NULL,
    value REAL NOT NULL,
    PRIMARY KEY (run, protocol, name)
  ) STRICT, WITHOUT ROWID;

  -- most-popular under the same protocol, beside the run it belongs to
  CREATE TABLE baselines (
    run TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    protocol TEXT NOT NULL REFERENCES protocols(hash),
    name TEXT NOT NULL,
    value REAL NOT NULL,
    PRIMARY KEY (run, protocol, name)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE artefacts (
    run TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    path TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (run, path)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE tags (
    run TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    tag TEXT NOT NULL,
    PRIMARY KEY (run, tag)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    job TEXT NOT NULL,
    run TEXT REFERENCES runs(id) ON DELETE CASCADE,
    level TEXT NOT NULL,
    text TEXT NOT NULL
  ) STRICT;
  CREATE INDEX events_by_run ON events(run, id);
  `,
  // A run may be paused: SQLite changes a CHECK only by making the table anew. Steps tell their throughput.
  `
  CREATE TABLE runs_anew (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    dataset TEXT NOT NULL REFERENCES datasets(name),
    model TEXT NOT NULL,
    recipe TEXT,
    spec TEXT NOT NULL,
    seed INTEGER,
    threads INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'finished', 'paused', 'cancelled', 'interrupted', 'failed')),
    -- the engine process that works on it, see owner.ts; null when nobody does
    owner TEXT,
    created_at TEXT NOT NULL,
    started_at TEXT,
    finished_at TEXT,
    seconds REAL NOT NULL DEFAULT 0,
    examples_per_second REAL,
    peak_rss_mb REAL,
    best_epoch INTEGER,
    protocol TEXT REFERENCES protocols(hash),
    note TEXT NOT NULL DEFAULT '',
    error TEXT
  ) STRICT;
  INSERT INTO runs_anew SELECT id, name, dataset, model, recipe, spec, seed, threads, state, owner, created_at, started_at, finished_at,
    seconds, examples_per_second, peak_rss_mb, best_epoch, protocol, note, error FROM runs;
  DROP TABLE runs;
  ALTER TABLE runs_anew RENAME TO runs;
  CREATE INDEX runs_by_name ON runs(name, created_at);
  CREATE INDEX runs_by_dataset ON runs(dataset);

  ALTER TABLE steps ADD COLUMN examples_per_second REAL;
  `,
  // The steps of a run that nobody trains, as columns in one value: reading rows costs 0.5 us each, and an overlay of runs has a million.
  `
  CREATE TABLE packed_steps (
    run TEXT PRIMARY KEY REFERENCES runs(id) ON DELETE CASCADE,
    -- little-endian, n entries each: step i32, epoch i32, loss f32, learning rate f32, examples/s f32
    columns BLOB NOT NULL
  ) STRICT;
  `,
  // Folders, pinned baselines, settings; and what runs can be searched by, kept by triggers so that no way of making a run forgets it
  // (who makes a table anew must make its triggers anew).
  `
  ALTER TABLE runs ADD COLUMN folder TEXT NOT NULL DEFAULT '';
  ALTER TABLE runs ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1));
  CREATE INDEX runs_by_time ON runs(created_at, id);
  CREATE INDEX runs_by_folder ON runs(folder);

  CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT;

  CREATE TABLE metric_names (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  INSERT INTO metric_names SELECT DISTINCT name FROM metrics;
  CREATE TRIGGER metric_is_named AFTER INSERT ON metrics BEGIN
    INSERT OR IGNORE INTO metric_names VALUES (NEW.name);
  END;

  -- leaves of specs, those inside lists of objects left out: training.epochs
  CREATE TABLE spec_paths (path TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  INSERT INTO spec_paths
    SELECT DISTINCT substr(iif(typeof(t.key) = 'integer', t.path, t.fullkey), 3) FROM runs, json_tree(runs.spec) t
    WHERE t.type NOT IN ('object', 'array') AND instr(t.path, '[') = 0;
  CREATE TRIGGER spec_has_paths AFTER INSERT ON runs BEGIN
    INSERT OR IGNORE INTO spec_paths
      SELECT DISTINCT substr(iif(typeof(t.key) = 'integer', t.path, t.fullkey), 3) FROM json_tree(NEW.spec) t
      WHERE t.type NOT IN ('object', 'array') AND instr(t.path, '[') = 0;
  END;
  `,
  // What a table of runs reads, without the pages that specs fill; a metric of all runs in one stretch.
  `
  ALTER TABLE runs ADD COLUMN loss TEXT AS (spec ->> '$.loss.kind');
  CREATE INDEX runs_listed ON runs(created_at, id, name, dataset, model, recipe, loss, state, folder, protocol, started_at, seed, best_epoch,
    seconds, examples_per_second, pinned);
  CREATE INDEX runs_noted ON runs(id, note) WHERE note != '';
  DROP INDEX runs_by_time;
  CREATE INDEX metrics_by_name ON metrics(name, run, protocol, value);
  `,
  // Settings tried on the validation part before a run was fitted.
  `
  CREATE TABLE trials (
    run TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    -- JSON: values by their paths in the spec
    settings TEXT NOT NULL,
    metric TEXT NOT NULL,
    value REAL NOT NULL,
    seconds REAL NOT NULL,
    PRIMARY KEY (run, number)
  ) STRICT, WITHOUT ROWID;
  `,
  // Protocols say what the model was fitted on.
  (tables) => upgradeProtocols(tables),
  // Searches: a trial is a run, and keeps what is decided by when its run is deleted.
  `
  CREATE TABLE searches (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    dataset TEXT NOT NULL REFERENCES datasets(name),
    spec TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'finished', 'cancelled', 'interrupted', 'failed')),
    owner TEXT,
    threads INTEGER NOT NULL,
    executor TEXT,
    created_at TEXT NOT NULL,
    -- why it ended
    reason TEXT,
    error TEXT,
    verdict TEXT
  ) STRICT;
  CREATE INDEX searches_by_dataset ON searches(dataset);

  CREATE TABLE search_trials (
    search TEXT NOT NULL REFERENCES searches(id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    run TEXT UNIQUE REFERENCES runs(id) ON DELETE SET NULL,
    -- number of the trial that it repeats with another seed
    final_of INTEGER,
    seed INTEGER,
    -- JSON: values by their paths in the spec
    params TEXT NOT NULL,
    drawn TEXT NOT NULL,
    -- running: see its run
    state TEXT NOT NULL CHECK (state IN ('running', 'paused', 'complete', 'failed')),
    value REAL,
    epochs INTEGER NOT NULL DEFAULT 0,
    best_epoch INTEGER,
    seconds REAL NOT NULL DEFAULT 0,
    curve TEXT NOT NULL DEFAULT '[]',
    error TEXT,
    PRIMARY KEY (search, number)
  ) STRICT;

  CREATE TABLE promoted_runs (
    search TEXT NOT NULL REFERENCES searches(id) ON DELETE CASCADE,
    run TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    PRIMARY KEY (search, run)
  ) STRICT;
  `,
  // Which runs differ only in their seed.
  `
  ALTER TABLE runs ADD COLUMN family TEXT;
  CREATE INDEX runs_by_family ON runs(family, id);
  `,
  (tables) => fillFamilies(tables),
  // Items under a name. By their ids, so that they are the same when their dataset is imported anew, and stay while it is in the trash.
  `
  CREATE TABLE segments (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    dataset TEXT NOT NULL,
    created_at TEXT NOT NULL,
    tags TEXT NOT NULL,
    count INTEGER NOT NULL,
    -- JSON: ids
    items TEXT NOT NULL,
    UNIQUE (dataset, name)
  ) STRICT;
  `,
]
