import { type Matcher, METRIC_NAME } from '@hubpulse/model';
import type { Clock } from '../../clock.ts';
import { type MetricStore, StoreError } from '../../store/port.ts';
import type { SpanFamily } from './family.ts';
import { MARKER } from './point.ts';

/** How far back a sample still says that its sender sends: what PromQL calls the look-back. */
const ALIVE_MS = 5 * 60_000;

/** For how long an answer holds. Short, so that little is counted twice when a sender begins to send a metric itself. */
const FRESH_MS = 2000;

/** More samples than that within the look-back are answer enough. */
const MAX_SAMPLES = 100_000;

/** An answer, and when it was given on the monotonic clock. */
interface Answer {
  readonly isOwn: boolean;
  readonly askedMs: number;
}

/** Knows which services send a family of metrics themselves, over whatever wire: their spans must not count it again. */
export class OwnFamilies {
  readonly #store: MetricStore;
  readonly #clock: Clock;
  readonly #answers = new Map<string, Answer>();

  constructor({ store, clock }: { store: MetricStore; clock: Clock }) {
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * Whether the store has samples of the last five minutes under the family's name and the job's that spans did not make.
   *
   * @throws StoreError `io`, `damaged`, `closed`
   */
  async isOwn(job: string, family: SpanFamily): Promise<boolean> {
    const key = JSON.stringify([job, family.name]);
    const askedMs = this.#clock.monotonicMs();
    const known = this.#answers.get(key);
    if (known !== undefined && askedMs - known.askedMs < FRESH_MS) return known.isOwn;
    const isOwn = await this.#ask(job, family);
    this.#answers.set(key, { isOwn, askedMs });
    return isOwn;
  }

  /** Forgets answers that hold no longer. */
  trim(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const [key, { askedMs }] of this.#answers) {
      if (nowMs - askedMs >= FRESH_MS) this.#answers.delete(key);
    }
  }

  async #ask(job: string, { name, bounds }: SpanFamily): Promise<boolean> {
    const matchers: Matcher[] = [
      { name: METRIC_NAME, op: '=', value: bounds === undefined ? name : `${name}_count` },
      { name: 'job', op: '=', value: job },
      { name: MARKER[0], op: '!=', value: MARKER[1] },
    ];
    // Nearly every service has none, and then nothing is read.
    if (this.#store.series(matchers).length === 0) return false;
    const toMs = this.#clock.nowMs();
    try {
      const selection = { matchers, fromMs: toMs - ALIVE_MS, toMs, maxSamples: MAX_SAMPLES };
      return (await this.#store.select(selection)).length > 0;
    } catch (error) {
      if (error instanceof StoreError && error.code === 'too_many_samples') return true;
      throw error;
    }
  }
}
