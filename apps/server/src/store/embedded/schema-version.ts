import { StoreError } from '../port.ts';
import { Database, type DatabaseSettings } from './database.ts';

/** A number beyond what versions will ever reach is damage, not a newer version. */
const MAX_SCHEMA_VERSION = 255;

/** The tables of one kind of file, see docs/formats/embedded-store.md. */
export interface Schema {
  /** Makes the tables of a new file. */
  readonly create: (database: Database) => void;
  /** Step `i` brings a file of version `i + 1` to version `i + 2`; so the newest version is one more than there are steps. */
  readonly steps: readonly ((database: Database) => void)[];
}

/**
 * Opens a file with its schema and makes what reads it; the file is closed again when that fails.
 *
 * @throws StoreError `locked`, and as `ensureSchema`
 */
export function openFile<T>(
  settings: DatabaseSettings,
  schema: Schema,
  make: (database: Database) => T,
): T {
  const database = Database.open(settings);
  try {
    ensureSchema(database, schema);
    return make(database);
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Gives a new file its tables, brings one of an older version to the newest, leaves one of the newest alone. All in one
 * transaction with the version.
 *
 * @throws StoreError `newer_version`; `damaged` for a version that no program wrote; `disk_full`, `io`
 */
function ensureSchema(database: Database, { create, steps }: Schema): void {
  const newest = steps.length + 1;
  const version = database.userVersion;
  const isEmpty = database.prepare('SELECT count(*) FROM sqlite_schema').number() === 0;
  if (version < 0 || version > MAX_SCHEMA_VERSION || (version === 0) !== isEmpty) {
    throw new StoreError(
      'damaged',
      `${database.path}: got format version ${version}; want one that was written`,
    );
  }
  if (version > newest) {
    throw new StoreError(
      'newer_version',
      `${database.path}: got format version ${version}; want at most ${newest}; use the newer Hubpulse that wrote it, or another data directory`,
    );
  }
  if (version === newest) return;
  database.transaction(() => {
    if (version === 0) create(database);
    else for (const step of steps.slice(version - 1)) step(database);
    database.userVersion = newest;
  });
}
