import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { RuleGroup } from './rule.ts';
import { formatFault, parseRuleFile } from './rule-file.ts';
import { findRuleFiles, readRuleFile, signatureOf } from './rule-file-list.ts';

/** How often the files are looked at: an edit counts within seconds, and a look costs a system call a file. */
const LOOK_MS = 2000;

/** Groups of all files together: each has series of its own among Hubpulse's metrics. */
const MAX_GROUPS = 1000;

/** The newest rules of all files. */
export interface RuleFiles {
  /** Reads all files now, then looks for changes. `onChange` is called after each change, one call at a time. */
  start(onChange: () => Promise<void>): Promise<void>;
  /** No further look begins; resolves when the one under way has ended. */
  stop(): Promise<void>;
  /** The groups of each file as they last were valid. */
  groups(): RuleGroup[];
  /** Why the present text of a file does not count; empty when it does. */
  faultOf(file: string): string;
  stats(): RuleFileStats;
  /** Resolves when no look is under way. */
  idle(): Promise<void>;
}

/** Figures of the rule files. */
export interface RuleFileStats {
  readonly files: number;
  /** Files whose present text does not count, and patterns that lead nowhere. */
  readonly broken: number;
  readonly reads: number;
  readonly failedReads: number;
}

interface KnownFile {
  /** Of the text that was read last. */
  readonly signature: string;
  readonly groups: readonly RuleGroup[];
  readonly fault: string;
}

/**
 * Follows rule files. A text that is not valid changes nothing: the last valid one goes on, and the log says why. A file that
 * is gone takes its rules with it.
 *
 * A change counts when two looks find the same, so that a file that is still being written is not read half.
 *
 * @param patterns Absolute paths; see `findRuleFiles`.
 */
export function createRuleFiles(options: {
  patterns: readonly string[];
  clock: Clock;
  log: Log;
}): RuleFiles {
  return new FollowedFiles(options);
}

class FollowedFiles implements RuleFiles {
  readonly #patterns: readonly string[];
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #known = new Map<string, KnownFile>();
  /** What the last look found that has not counted yet; `undefined` for a file that was gone. */
  readonly #seen = new Map<string, string | undefined>();
  #faults: readonly string[] = [];
  #reads = 0;
  #failedReads = 0;
  #cancel: () => void = () => undefined;
  #underWay: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor({ patterns, clock, log }: { patterns: readonly string[]; clock: Clock; log: Log }) {
    this.#patterns = patterns;
    this.#clock = clock;
    this.#log = log;
  }

  async start(onChange: () => Promise<void>): Promise<void> {
    if (this.#patterns.length === 0) return;
    const paths = await this.#find();
    for (const path of paths) {
      // oxlint-disable-next-line no-await-in-loop -- The files share a limit on groups, in order.
      await this.#read(path, (await signatureOf(path)) ?? '');
    }
    await onChange();
    this.#scheduleLook(onChange);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    await this.#underWay;
  }

  idle(): Promise<void> {
    return this.#underWay;
  }

  groups(): RuleGroup[] {
    return [...this.#known.values()].flatMap(({ groups }) => groups);
  }

  faultOf(file: string): string {
    return this.#known.get(file)?.fault ?? '';
  }

  stats(): RuleFileStats {
    const broken = [...this.#known.values()].filter(({ fault }) => fault !== '');
    return {
      files: this.#known.size,
      broken: broken.length + this.#faults.length,
      reads: this.#reads,
      failedReads: this.#failedReads,
    };
  }

  #scheduleLook(onChange: () => Promise<void>): void {
    if (this.#isStopped) return;
    this.#cancel = this.#clock.schedule(() => {
      this.#underWay = this.#look(onChange)
        .catch((error: unknown) =>
          this.#log.error({ err: error }, 'The rule files could not be followed.'),
        )
        .finally(() => this.#scheduleLook(onChange));
    }, LOOK_MS);
  }

  async #look(onChange: () => Promise<void>): Promise<void> {
    const paths = new Set([...(await this.#find()), ...this.#known.keys()]);
    let isChanged = false;
    for (const path of paths) {
      // oxlint-disable-next-line no-await-in-loop -- The files share a limit on groups, in order.
      if (await this.#follow(path)) isChanged = true;
    }
    if (isChanged && !this.#isStopped) await onChange();
  }

  /** Whether something changed that counts. */
  async #follow(path: string): Promise<boolean> {
    const signature = await signatureOf(path);
    if (signature === this.#known.get(path)?.signature) {
      this.#seen.delete(path);
      return false;
    }
    const isSettled = this.#seen.has(path) && this.#seen.get(path) === signature;
    if (!isSettled) {
      this.#seen.set(path, signature);
      return false;
    }
    this.#seen.delete(path);
    if (signature !== undefined) {
      await this.#read(path, signature);
      return true;
    }
    this.#log.info({ file: path }, 'A rule file is gone, and its rules with it.');
    return this.#known.delete(path);
  }

  async #find(): Promise<readonly string[]> {
    const { paths, faults } = await findRuleFiles(this.#patterns);
    for (const fault of faults) {
      if (!this.#faults.includes(fault)) this.#log.error({ fault }, 'Rule files cannot be found.');
    }
    this.#faults = faults;
    return paths;
  }

  /** Takes the text of a file, or notes why not. */
  async #read(path: string, signature: string): Promise<void> {
    const before = this.#known.get(path);
    this.#reads++;
    const { groups, fault } = await this.#load(path);
    if (fault === '') {
      this.#log.info({ file: path, groups: groups.length }, 'A rule file was read.');
    } else {
      this.#failedReads++;
      const rest = before === undefined ? '' : ' The rules from before go on.';
      this.#log.error({ file: path }, `A rule file is not valid: ${fault}.${rest}`);
    }
    this.#known.set(path, {
      signature,
      groups: fault === '' ? groups : (before?.groups ?? []),
      fault,
    });
  }

  async #load(path: string): Promise<{ groups: readonly RuleGroup[]; fault: string }> {
    try {
      const { groups, faults, warnings } = parseRuleFile(await readRuleFile(path), path);
      const [fault] = faults;
      if (fault !== undefined) {
        const more = faults.length === 1 ? '' : ` (and ${faults.length - 1} more)`;
        return { groups: [], fault: formatFault(path, fault) + more };
      }
      const others = this.groups().filter(({ file }) => file !== path);
      const count = others.length + groups.length;
      if (count > MAX_GROUPS) {
        const got = `got ${count} groups with those of other files; want at most ${MAX_GROUPS}`;
        return { groups: [], fault: `${path}: ${got}` };
      }
      for (const warning of warnings) this.#log.warn({ file: path }, `Rules: ${warning}.`);
      return { groups, fault: '' };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { groups: [], fault: `${path}: ${reason}` };
    }
  }
}
