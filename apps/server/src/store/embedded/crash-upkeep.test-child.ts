/**
 * A process that writes, seals, rolls up, expires and deletes until it is killed. It prints one line for each event: `open`,
 * `sent <batch>`, `ack <batch>`, `deleting <batch>`, `deleted <batch>`, `failed <what>`.
 *
 * Arguments: directory, first batch, seed of the order in which things happen.
 */
import { writeSync } from 'node:fs';
import {
  crashClock,
  planBatch,
  RETENTION_MS,
  victimLabels,
  victimOf,
} from './crash-plan.test-child.ts';
import { type EmbeddedStore, openEmbeddedStore } from './embedded-store.ts';

/** Batches in flight, so that some share a commit. */
const IN_FLIGHT = 3;

const [directory = '', first = '0', seed = '1'] = process.argv.slice(2);

/** Synchronous, so that what was printed before a kill is out. */
function print(line: string): void {
  writeSync(1, `${line}\n`);
}

/** Victims that were written and are not deleted. */
const victims: number[] = [];
let next = Number(first);

async function write(store: EmbeddedStore): Promise<void> {
  for (let batch = next++; ; batch = next++) {
    print(`sent ${batch}`);
    // oxlint-disable-next-line no-await-in-loop -- A sender waits for its answer.
    await store.append(planBatch(batch, (labels) => store.intern(labels)));
    print(`ack ${batch}`);
    if (victimOf(batch)) victims.push(batch);
  }
}

async function keepUp(store: EmbeddedStore): Promise<void> {
  let state = Number(seed);
  for (;;) {
    // A linear congruential generator: any order will do, but the same for the same seed.
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    const choice = Math.floor(state / 2 ** 16) % 4;
    const victim = choice < 2 ? victims.shift() : undefined;
    // oxlint-disable-next-line no-await-in-loop -- One after the other; appends go on meanwhile.
    await (victim === undefined ? tidy(store, choice) : remove(store, victim));
  }
}

function tidy(store: EmbeddedStore, choice: number): Promise<void> {
  return choice === 2 ? store.seal() : store.upkeep();
}

async function remove(store: EmbeddedStore, batch: number): Promise<void> {
  print(`deleting ${batch}`);
  const matchers = victimLabels(batch).map(([name, value]) => ({ name, op: '=', value }) as const);
  await store.delete({ matchers, fromMs: -Infinity, toMs: Infinity });
  print(`deleted ${batch}`);
}

try {
  const store = await openEmbeddedStore({
    directory,
    clock: crashClock(),
    retentionMs: RETENTION_MS,
  });
  print('open');
  await Promise.all([...Array.from({ length: IN_FLIGHT }, () => write(store)), keepUp(store)]);
} catch (error) {
  print(`failed ${String(error)}`);
  process.exit(1);
}
