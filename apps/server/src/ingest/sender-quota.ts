import type { Clock } from '../clock.ts';

const HOUR_MS = 3_600_000;

/** The period that the quota looks back over, in hours. */
const PERIOD_HOURS = 24;

/** Senders that are remembered; past that, the one that has been silent for longest is forgotten. */
const MAX_SENDERS = 10_000;

/** The new series of one sender by hour of the clock, newest last. */
type Hours = { hour: number; series: number }[];

/**
 * Counts the new series that each sender makes, over the last 24 hours: one sender whose labels have endless values must not
 * take the room of all others. Series that a sender goes on with count nothing.
 */
export class SenderQuota {
  readonly #clock: Clock;
  readonly #maxSeries: number;
  /** The one that was silent for longest comes first. */
  readonly #senders = new Map<string, Hours>();

  constructor({ clock, maxSeries }: { clock: Clock; maxSeries: number }) {
    this.#clock = clock;
    this.#maxSeries = maxSeries;
  }

  /** How many new series the sender may make now. */
  roomOf(sender: string): number {
    const hours = this.#senders.get(sender) ?? [];
    const firstHour = this.#hour() - PERIOD_HOURS;
    const made = hours.filter(({ hour }) => hour > firstHour);
    return Math.max(0, this.#maxSeries - made.reduce((sum, { series }) => sum + series, 0));
  }

  /** Counts new series of a sender. */
  add(sender: string, series: number): void {
    if (series === 0) return;
    const hour = this.#hour();
    const hours = (this.#senders.get(sender) ?? []).filter((one) => one.hour > hour - PERIOD_HOURS);
    const last = hours.at(-1);
    if (last?.hour === hour) last.series += series;
    else hours.push({ hour, series });
    this.#senders.delete(sender);
    this.#senders.set(sender, hours);
    this.#forgetOldest();
  }

  #hour(): number {
    return Math.floor(this.#clock.nowMs() / HOUR_MS);
  }

  #forgetOldest(): void {
    if (this.#senders.size <= MAX_SENDERS) return;
    for (const sender of this.#senders.keys()) {
      this.#senders.delete(sender);
      return;
    }
  }
}
