import { StartupError, type StartupFault } from './startup-error.ts';
import { StoreError, type StoreErrorCode } from './store/port.ts';

/** What a user can do about a data directory that does not open. */
const FAULTS: Partial<Record<StoreErrorCode, Omit<StartupFault, 'what'>>> = {
  locked: {
    got: 'a directory that another Hubpulse uses',
    want: 'one for itself',
    remedy: 'Stop the other server, or set another data_dir (HUBPULSE_DATA_DIR).',
  },
  newer_version: {
    got: 'data of a newer version of Hubpulse',
    want: 'data of this version or an older one',
    remedy: 'Install the newer version, or set another data_dir (HUBPULSE_DATA_DIR).',
  },
  disk_full: {
    got: 'no room on the disk',
    want: 'room for new data',
    remedy: 'Free some space, or set another data_dir (HUBPULSE_DATA_DIR).',
  },
};

/** Turns a store's refusal to open into the one line that ends start-up; anything else comes back as it is. */
export function explainStoreFault(error: unknown, dataDir: string): unknown {
  if (!(error instanceof StoreError)) return error;
  const fault = FAULTS[error.code] ?? {
    got: error.message,
    want: 'a directory that this user can write',
    remedy: 'Correct its permissions or its contents, or set another data_dir (HUBPULSE_DATA_DIR).',
  };
  return new StartupError({ what: `data directory ${dataDir}`, ...fault }, { cause: error });
}
