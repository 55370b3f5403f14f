import {
  startHubpulse,
  temporaryDirectory,
  type Variables,
} from '../../test/harness/hubpulse-process.ts';
import { startPrometheus } from '../../test/harness/prometheus-process.ts';
import { findPeer } from '../../scripts/peers.mjs';

/** A server under measurement, in a process of its own. */
export interface MeasuredServer {
  readonly name: 'Hubpulse' | 'Prometheus';
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Both servers, each with a folder of its own. */
export interface ServerPair {
  readonly ours: MeasuredServer;
  readonly theirs: MeasuredServer;
  readonly both: readonly MeasuredServer[];
  /** Ends both, lets `between` work on our data directory, and starts both on the same data. */
  restart(between: (ourDirectory: string) => Promise<void>): Promise<ServerPair>;
  /** Ends both and deletes what they stored. */
  remove(): Promise<void>;
}

/** No collection of our own, which would be in the way of what is measured. */
const VARIABLES: Variables = { HUBPULSE_AGENT_INTERVAL_MS: '0' };

/**
 * Starts the built Hubpulse and Debian's Prometheus, both with their defaults: Hubpulse acknowledges what is synchronised to
 * the disk, Prometheus what it wrote to its log without an fsync.
 *
 * @throws Error without a Prometheus.
 */
export async function startServers(): Promise<ServerPair> {
  const [ourDirectory, theirDirectory] = await Promise.all([
    temporaryDirectory(),
    temporaryDirectory(),
  ]);
  return startIn({ ourDirectory, theirDirectory });
}

interface Folders {
  readonly ourDirectory: Awaited<ReturnType<typeof temporaryDirectory>>;
  readonly theirDirectory: Awaited<ReturnType<typeof temporaryDirectory>>;
}

async function startIn(folders: Folders): Promise<ServerPair> {
  const { ourDirectory, theirDirectory } = folders;
  const ours = await startOurs(ourDirectory.path);
  const theirs = await startTheirs(theirDirectory.path);
  const stop = async (): Promise<void> => {
    await Promise.all([ours.stop(), theirs.stop()]);
  };
  return {
    ours,
    theirs,
    both: [ours, theirs],
    restart: async (between) => {
      await stop();
      await between(ourDirectory.path);
      return startIn(folders);
    },
    remove: async () => {
      await stop();
      await Promise.all([ourDirectory.remove(), theirDirectory.remove()]);
    },
  };
}

async function startOurs(directory: string): Promise<MeasuredServer> {
  const server = await startHubpulse(directory, VARIABLES);
  return {
    name: 'Hubpulse',
    url: server.url,
    pid: server.child.pid ?? 0,
    stop: async () => {
      await server.stop();
    },
  };
}

async function startTheirs(directory: string): Promise<MeasuredServer> {
  const program = findPeer('prometheus');
  if (program === undefined) {
    throw new Error('got no prometheus; want one: sudo apt-get install prometheus');
  }
  const { url, pid, stop } = await startPrometheus(program, directory, {
    config: '',
    flags: ['--web.enable-remote-write-receiver'],
  });
  return { name: 'Prometheus', url, pid, stop };
}
