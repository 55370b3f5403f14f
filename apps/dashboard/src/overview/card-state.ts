/** What a card shows: a skeleton, its figure, its last figure greyed with its age, a sentence why there is none, a failure. */
export type CardState = 'loading' | 'ready' | 'stale' | 'empty' | 'error';

/** What is known when a card is drawn. */
export interface CardFacts {
  /** Whether an answer for the window has come, is awaited, or failed. */
  readonly answer: 'awaited' | 'here' | 'failed';
  /** Time of the newest figure within the window, Unix milliseconds; `null` where there is none. */
  readonly newestMs: number | null;
  /** Whether the window ends at the present: only then can a figure be too old. */
  readonly follows: boolean;
  /** The present by the server's clock, Unix milliseconds. */
  readonly nowMs: number;
  /** How often a new figure is due, milliseconds. */
  readonly intervalMs: number;
}

/** A figure may miss two turns; at the third it is old. */
const MISSED_TURNS = 3;

/** Beyond the turns themselves: rules make signals every 15 s, and a message takes a moment to arrive. */
const GRACE_MS = 20_000;

/** Decides what a card shows. What was drawn stays: a failed refresh of known figures makes them old, not gone. */
export function cardStateOf(facts: CardFacts): CardState {
  if (facts.answer === 'failed') return 'error';
  if (facts.answer === 'awaited') return 'loading';
  if (facts.newestMs === null) return 'empty';
  return isOld(facts, facts.newestMs) ? 'stale' : 'ready';
}

function isOld({ follows, nowMs, intervalMs }: CardFacts, newestMs: number): boolean {
  return follows && nowMs - newestMs > MISSED_TURNS * intervalMs + GRACE_MS;
}
