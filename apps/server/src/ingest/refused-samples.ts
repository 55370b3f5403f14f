import type { Refusal, RefusalReason } from './refusal.ts';

/** The samples of one request that were refused for one reason. */
export interface RefusedPart {
  /** The first refusal of them; its message stands for all. */
  readonly refusal: Refusal;
  readonly samples: number;
}

/** Gathers what of a request is refused while the rest is taken. */
export class RefusedSamples {
  readonly #parts = new Map<RefusalReason, { refusal: Refusal; samples: number }>();

  add(refusal: Refusal, samples: number): void {
    const part = this.#parts.get(refusal.reason);
    if (part === undefined) this.#parts.set(refusal.reason, { refusal, samples });
    else part.samples += samples;
  }

  /** In the order in which the reasons came up. */
  parts(): readonly RefusedPart[] {
    return [...this.#parts.values()];
  }
}

/** Says in one sentence what became of a request of which a part was refused. */
export function describeRefused(stored: number, parts: readonly RefusedPart[]): string {
  const refused = parts.reduce((sum, { samples }) => sum + samples, 0);
  const reasons = parts.map(({ refusal, samples }) => `${samples} (${refusal.message})`);
  return `stored ${stored} of ${stored + refused} samples; refused ${reasons.join(', ')}`;
}
