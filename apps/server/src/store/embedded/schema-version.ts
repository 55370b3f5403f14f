import { StoreError } from '../port.ts';
import type { Database } from './database.ts';

/** The version of every file that this program writes; see docs/formats/embedded-store.md. */
const SCHEMA_VERSION = 1;

/** A number beyond what versions will ever reach is damage, not a newer version. */
const MAX_SCHEMA_VERSION = 255;

/**
 * Gives a new file its tables, leaves one of this version alone.
 *
 * @param create Makes the tables; runs in one transaction with the version.
 * @throws StoreError `newer_version`; `damaged` for a version that no program wrote
 */
export function ensureSchema(database: Database, create: () => void): void {
  const version = database.userVersion;
  const isEmpty = database.prepare('SELECT count(*) FROM sqlite_schema').number() === 0;
  if (version > MAX_SCHEMA_VERSION || (version === 0) !== isEmpty) {
    throw new StoreError(
      'damaged',
      `${database.path}: got format version ${version}; want one that was written`,
    );
  }
  if (version > SCHEMA_VERSION) {
    throw new StoreError(
      'newer_version',
      `${database.path}: got format version ${version}; want at most ${SCHEMA_VERSION}; use the newer Hubpulse that wrote it, or another data directory`,
    );
  }
  if (version === SCHEMA_VERSION) return;
  database.transaction(() => {
    create();
    database.userVersion = SCHEMA_VERSION;
  });
}
