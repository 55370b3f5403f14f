import type { Labels } from '@hubpulse/model';

/** One measured figure. Counters are totals since boot; `value` is finite and never negative. */
export interface HostSample {
  readonly labels: Labels;
  readonly value: number;
}

/** Where a source puts what it found in one collect. */
export interface Findings {
  /** Adds a sample. A value that is not a finite number of at least 0 is refused as a problem instead. */
  add(labels: Labels, value: number): void;
  /** Reports a part that could not be read; the rest still counts. `problem` is one sentence without a full stop. */
  reject(problem: string): void;
}

/** One origin of host metrics. It keeps what it needs between two collects, such as the last CPU counters. */
export interface Source {
  /** The name under which failures are counted. */
  readonly name: string;
  /** Reads once. Rejects when nothing useful could be read; then nothing that it added counts. */
  read(findings: Findings): Promise<void>;
}

/** What the findings of one collect came to. */
export interface Collected extends Findings {
  readonly samples: readonly HostSample[];
  /** The first problem and how many more there were; `undefined` when there was none. */
  error(): Error | undefined;
}

/** Makes the findings of one source for one collect. */
export function createFindings(): Collected {
  const samples: HostSample[] = [];
  let firstProblem: string | undefined;
  let problems = 0;
  const reject = (problem: string): void => {
    firstProblem ??= problem;
    problems += 1;
  };
  return {
    samples,
    reject,
    add(labels, value) {
      if (value >= 0 && value < Infinity) samples.push({ labels, value });
      else
        reject(`${labels.map((pair) => pair.join('=')).join(' ')}: got ${value}; want 0 or more`);
    },
    error() {
      if (firstProblem === undefined) return undefined;
      return new Error(problems === 1 ? firstProblem : `${firstProblem}, and ${problems - 1} more`);
    },
  };
}
