import { Agent, request } from 'node:http';
import { gunzipSync } from 'node:zlib';

/** An answer, read to its end. */
export interface Answer {
  /** From the call to the last byte of the body. */
  readonly ms: number;
  /** Bytes of the body as they came. */
  readonly bytes: number;
  readonly text: () => string;
}

/** What to send; a GET without a body. */
export interface Question {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** Asks over a kept connection. @throws Error for a status other than 2xx, with the answer's text */
export function ask({ url, headers = {}, body }: Question): Promise<Answer> {
  const startMs = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        agent,
        method: body === undefined ? 'GET' : 'POST',
        headers: { ...headers, ...lengthOf(body) },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const ms = performance.now() - startMs;
          const raw = Buffer.concat(chunks);
          const isGzip = response.headers['content-encoding'] === 'gzip';
          const text = (): string => (isGzip ? gunzipSync(raw) : raw).toString();
          const { statusCode = 0 } = response;
          if (statusCode >= 200 && statusCode < 300) resolve({ ms, bytes: raw.length, text });
          else
            reject(new Error(`got ${statusCode} from ${url}: ${text().slice(0, 300)}; want 2xx`));
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

function lengthOf(body: Uint8Array | undefined): Record<string, string> {
  return body === undefined ? {} : { 'content-length': String(body.length) };
}

const WRITE_HEADERS = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
};

/** Sends one body of remote write 1.0 to a server. */
export async function remoteWrite(serverUrl: string, body: Uint8Array): Promise<void> {
  await ask({ url: `${serverUrl}/api/v1/write`, headers: WRITE_HEADERS, body });
}

/** Sends several lists of bodies at the same time, each list one after another, as a sender's shards do. */
export async function sendShards(
  serverUrl: string,
  shards: readonly (readonly Uint8Array[])[],
): Promise<void> {
  await Promise.all(
    shards.map(async (bodies) => {
      // oxlint-disable-next-line no-await-in-loop -- A shard waits for its answer.
      for (const body of bodies) await remoteWrite(serverUrl, body);
    }),
  );
}
