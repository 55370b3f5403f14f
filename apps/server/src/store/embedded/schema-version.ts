import { StoreError } from '../port.ts';
import type { Database } from './database.ts';

/** The version of every file that this program writes; see docs/formats/embedded-store.md. */
export const SCHEMA_VERSION = 1;

/**
 * Gives a new file its tables, leaves one of this version alone.
 *
 * @param create Makes the tables; runs in one transaction with the version.
 * @throws StoreError `newer_version`
 */
export function ensureSchema(database: Database, create: () => void): void {
  const version = database.userVersion;
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
