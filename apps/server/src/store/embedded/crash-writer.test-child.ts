/**
 * A process that writes batches until it is killed, for the tests of durability. It prints one line for each event:
 * `open`, `refused <code>`, `sent <batch>`, `ack <batch>`, `failed <batch> <code>`, `seal`, `sealed`.
 *
 * Arguments: directory, first batch, number of batches, batches between seals.
 */
import { writeSync } from 'node:fs';
import { systemClock } from '../../clock.ts';
import { StoreError } from '../port.ts';
import { crashBatch, CRASH_SERIES } from './crash-batch.test-child.ts';
import { type EmbeddedStore, openEmbeddedStore } from './embedded-store.ts';

/** Batches in flight, so that some share a commit. */
const IN_FLIGHT = 4;

const [directory = '', first = '0', count = '0', sealEvery = '0'] = process.argv.slice(2);
const last = Number(first) + Number(count);

/** Synchronous, so that what was printed before a kill is out. */
function print(line: string): void {
  writeSync(1, `${line}\n`);
}

function codeOf(error: unknown): string {
  return error instanceof StoreError ? error.code : String(error);
}

async function write(store: EmbeddedStore): Promise<void> {
  const refs = CRASH_SERIES.map((labels) => store.intern(labels));
  let next = Number(first);
  const writer = async (): Promise<void> => {
    for (let batch = next++; batch < last; batch = next++) {
      print(`sent ${batch}`);
      if (Number(sealEvery) > 0 && batch % Number(sealEvery) === 0) startSeal(store);
      try {
        // oxlint-disable-next-line no-await-in-loop -- A sender waits for its answer.
        await store.append(crashBatch(batch, refs));
        print(`ack ${batch}`);
      } catch (error) {
        print(`failed ${batch} ${codeOf(error)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, writer));
}

function startSeal(store: EmbeddedStore): void {
  print('seal');
  store.seal().then(
    () => print('sealed'),
    (error: unknown) => print(`seal ${codeOf(error)}`),
  );
}

try {
  const store = await openEmbeddedStore({ directory, clock: systemClock });
  print('open');
  await write(store);
  await store.close();
  print('closed');
} catch (error) {
  print(`refused ${codeOf(error)}`);
}
