import { formatLabels, type Labels, MAX_TIME_MS } from '@hubpulse/model';
import type { Clock } from '../clock.ts';
import type { MetricStore } from '../store/port.ts';
import type { IngestLimits } from './limits.ts';
import { quote, Refusal } from './refusal.ts';
import { createSeriesIntake, type SeriesIntake } from './series-intake.ts';

/**
 * Bytes of bodies and batches that may be under way at once. Ten of the largest requests of usual senders; what waits
 * beyond that waits at the sender, which keeps it.
 */
const MAX_IN_FLIGHT_BYTES = 256 * 1024 * 1024;

/** Memory that a request holds until it is answered. */
export interface Lease {
  /** Says that the request holds another amount now; never refused. */
  resize(bytes: number): void;
  /** Gives everything back. A second call does nothing. */
  release(): void;
}

/** The times that a sample may have, Unix milliseconds, both ends included. */
export interface TimeBounds {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Decides what may come in. */
export interface Gate extends SeriesIntake {
  readonly limits: IngestLimits;
  /** Bytes that are under way. */
  inFlightBytes(): number;
  /**
   * Admits a body of so many bytes, to be called before it is read. One that comes alone is always admitted.
   *
   * @throws Refusal `too_large`, `overloaded`
   */
  admit(bytes: number): Lease;
  timeBounds(): TimeBounds;
}

/** @param maxInFlightBytes For tests. */
export function createGate({
  store,
  clock,
  limits,
  maxInFlightBytes = MAX_IN_FLIGHT_BYTES,
}: {
  store: MetricStore;
  clock: Clock;
  limits: IngestLimits;
  maxInFlightBytes?: number;
}): Gate {
  let inFlight = 0;
  return {
    ...createSeriesIntake({ store, clock, limits }),
    limits,
    inFlightBytes: () => inFlight,
    admit: (bytes) => {
      if (bytes > limits.maxBodyBytes) throw bodyTooLarge(limits.maxBodyBytes);
      if (inFlight > 0 && inFlight + bytes > maxInFlightBytes) {
        throw new Refusal(
          'overloaded',
          `got ${bytes} bytes while ${inFlight} are under way; want at most ${maxInFlightBytes} at once; ` +
            'send them again later',
        );
      }
      let held = 0;
      const resize = (to: number): void => {
        inFlight += to - held;
        held = to;
      };
      resize(bytes);
      return { resize, release: () => resize(0) };
    },
    timeBounds: () => {
      const nowMs = clock.nowMs();
      return { fromMs: nowMs - limits.maxAgeMs, toMs: nowMs + limits.maxFutureMs };
    },
  };
}

/** The refusal of a body that is larger than `maxBodyBytes`. */
function bodyTooLarge(maxBodyBytes: number): Refusal {
  return new Refusal(
    'too_large',
    `got a body over ${maxBodyBytes} bytes; want a smaller one; ` +
      'send several requests, or raise ingest_max_body_mib',
  );
}

/** The refusal of a series with a sample outside of the bounds. */
export function timeRefusal(
  { minMs, maxMs }: { minMs: number; maxMs: number },
  labels: Labels,
  bounds: TimeBounds,
): Refusal {
  const isOld = minMs < bounds.fromMs;
  const what = `a sample of ${quote(formatLabels(labels))} at ${formatTime(isOld ? minMs : maxMs)}`;
  if (isOld) {
    return new Refusal(
      'too_old',
      `got ${what}; want ${formatTime(bounds.fromMs)} or later (Unix milliseconds), since older ones are not kept; ` +
        'send newer ones, or raise the longest of retention_raw_days, retention_1m_days and retention_1h_days',
    );
  }
  return new Refusal(
    'too_new',
    `got ${what}; want ${formatTime(bounds.toMs)} or earlier (Unix milliseconds); ` +
      "correct the sender's clock, or raise ingest_max_future_minutes",
  );
}

function formatTime(tMs: number): string {
  const date = Math.abs(tMs) <= MAX_TIME_MS ? ` (${new Date(tMs).toISOString()})` : '';
  return `${tMs}${date}`;
}
