import type { DataDirectory } from './data-directory.ts';
import type { DayCatalog } from './day-catalog.ts';
import type { Deletions } from './deletions.ts';
import type { Head } from './head.ts';
import type { HeadFile } from './head-file.ts';
import type { Tier } from './rollup-tier.ts';

/** Everything that recovery finds; the engine owns it from then on. */
export interface EngineParts {
  readonly directory: DataDirectory;
  readonly headFile: HeadFile;
  readonly head: Head;
  readonly days: DayCatalog;
  readonly deletions: Deletions;
  /** Finest first. */
  readonly tiers: readonly Tier[];
  /** The key of each series that a durable batch has named, by ref. */
  readonly keys: Map<number, number>;
  /** Keys of series of which neither a chunk nor a batch is left. */
  readonly suspects: readonly number[];
}
