import { parentPort, workerData } from 'node:worker_threads';
import { DataDirectory } from './data-directory.ts';
import { Engine, toFailure } from './engine.ts';
import type { EngineOptions, Reply, Request, StoredSeries } from './protocol.ts';
import { recover } from './recovery.ts';

/** Series in one message at start, so that neither thread stalls on hundreds of thousands. */
const SERIES_PER_MESSAGE = 10_000;

/** The entry of the worker thread: recovers the directory, then serves requests until `close`. */
function serve(options: EngineOptions): void {
  const port = parentPort;
  if (port === null) throw new Error('BUG: the engine was started outside a worker thread');
  const post = (reply: Reply, transfer: ArrayBuffer[] = []): void => {
    port.postMessage(reply, transfer);
  };
  try {
    const engine = open(options, post);
    port.on('message', (request: Request) => engine.handle(request));
  } catch (error) {
    post({ type: 'open_failed', failure: toFailure(error) });
  }
}

function open(
  options: EngineOptions,
  post: (reply: Reply, transfer?: ArrayBuffer[]) => void,
): Engine {
  const directory = DataDirectory.own(options.directory);
  try {
    const { parts, series, nextRef } = recover(directory, (level, message, fields) =>
      post({ type: 'log', level, message, fields }),
    );
    postSeries(series, post);
    const engine = new Engine(parts, options, post);
    post({ type: 'opened', nextRef });
    return engine;
  } catch (error) {
    directory.release();
    throw error;
  }
}

function postSeries(series: readonly StoredSeries[], post: (reply: Reply) => void): void {
  for (let start = 0; start < series.length; start += SERIES_PER_MESSAGE) {
    post({ type: 'series', series: series.slice(start, start + SERIES_PER_MESSAGE) });
  }
}

serve(workerData as EngineOptions);
