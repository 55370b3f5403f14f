import { readFile } from 'node:fs/promises';
import { Agent, type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as SecureAgent, request as requestHttps } from 'node:https';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { ACCEPT } from '../exposition/exposition-format.ts';
import type { BodyBudget } from './body-budget.ts';
import type { ScrapeAnswer, ScrapeClient, ScrapeRequest } from './scrape-client.ts';
import { ScrapeFailure } from './scrape-failure.ts';
import type { ScrapeCredentials } from './scrape-job.ts';

/** Enough for `/metrics` to become `/metrics/` and for a login page to be noticed. */
const MAX_REDIRECTS = 5;

/** Headers of an answer; Node's own default, written down since there are many targets. */
const MAX_HEADER_BYTES = 16 * 1024;

const gunzipAsync = promisify(gunzip);

/** What the requests of one job share. */
export interface HttpScrapeOptions {
  /** Of Hubpulse. */
  readonly version: string;
  readonly followRedirects: boolean;
  readonly credentials: ScrapeCredentials | undefined;
  readonly insecureSkipVerify: boolean;
  /** Certificates to trust, PEM; `undefined` for the system's. */
  readonly ca: string | undefined;
  /** A connection that nobody used for so long is closed. */
  readonly idleMs: number;
  /** Shared by all jobs. */
  readonly budget: BodyBudget;
}

/** Scrapes over HTTP. Connections are kept for the next scrape. */
export function createHttpScrapeClient(options: HttpScrapeOptions): ScrapeClient {
  const shared = { keepAlive: true, timeout: options.idleMs };
  const agents: Agents = {
    plain: new Agent(shared),
    secure: new SecureAgent({
      ...shared,
      rejectUnauthorized: !options.insecureSkipVerify,
      ...(options.ca === undefined ? {} : { ca: options.ca }),
    }),
  };
  return {
    fetch: (request) => fetchExposition(request, { ...options, agents }),
    close: () => {
      agents.plain.destroy();
      agents.secure.destroy();
    },
  };
}

interface Agents {
  readonly plain: Agent;
  readonly secure: SecureAgent;
}

type Surroundings = HttpScrapeOptions & { readonly agents: Agents };

type Headers = Readonly<Record<string, string>>;

async function fetchExposition(
  request: ScrapeRequest,
  surroundings: Surroundings,
): Promise<ScrapeAnswer> {
  const headers = await headersOf(request, surroundings);
  let url = new URL(request.url);
  for (let redirects = 0; ; redirects++) {
    // oxlint-disable-next-line no-await-in-loop -- Each redirect follows from the answer before.
    const response = await ask(url, { request, headers, surroundings });
    const target = redirectOf(response, url);
    if (target === undefined) {
      return readAnswer(response, { request, headers, surroundings });
    }
    response.destroy();
    assertMayFollow(url, target, surroundings);
    if (redirects === MAX_REDIRECTS) {
      throw new ScrapeFailure(`got more than ${MAX_REDIRECTS} redirects; want an exposition`);
    }
    url = target;
  }
}

async function headersOf(
  { timeoutMs }: ScrapeRequest,
  { version, credentials }: HttpScrapeOptions,
): Promise<Headers> {
  const headers = {
    Accept: ACCEPT,
    'Accept-Encoding': 'gzip',
    'User-Agent': `Hubpulse/${version}`,
    'X-Prometheus-Scrape-Timeout-Seconds': String(timeoutMs / 1000),
  };
  if (credentials === undefined) return headers;
  const secret = await secretOf(credentials);
  const shown =
    credentials.type === 'Basic'
      ? Buffer.from(`${credentials.username}:${secret}`).toString('base64')
      : secret;
  return { ...headers, Authorization: `${credentials.type} ${shown}` };
}

async function secretOf({ secret, secretFile }: ScrapeCredentials): Promise<string> {
  if (secretFile === undefined) return secret;
  try {
    const text = (await readFile(secretFile, 'utf8')).trim();
    // A line feed inside would end the header.
    if (/^[\u0021-\u007E]+$/.test(text)) return text;
  } catch (cause) {
    throw new ScrapeFailure(`${secretFile}: got ${codeOf(cause)}; want a file with the secret`, {
      cause,
    });
  }
  throw new ScrapeFailure(`${secretFile}: got something else; want one line of ASCII`);
}

/** Redirects stay on their host: another one must be configured, and never sees our credentials. */
function assertMayFollow(from: URL, to: URL, { followRedirects }: HttpScrapeOptions): void {
  if (!followRedirects) throw new ScrapeFailure('got a redirect; want none (follow_redirects)');
  if (from.origin === to.origin) return;
  throw new ScrapeFailure(
    `got a redirect from ${from.origin} to ${to.origin}; want one on the same host; scrape that host itself`,
  );
}

const REDIRECTS: ReadonlySet<number | undefined> = new Set([301, 302, 303, 307, 308]);

function redirectOf({ statusCode, headers }: IncomingMessage, url: URL): URL | undefined {
  const { location } = headers;
  if (location === undefined || !REDIRECTS.has(statusCode)) return undefined;
  return URL.parse(location, url.href) ?? undefined;
}

interface Exchange {
  readonly request: ScrapeRequest;
  readonly headers: Headers;
  readonly surroundings: Surroundings;
}

/** Sends the request; once more where a connection that was kept turns out to be closed by the other side. */
async function ask(url: URL, exchange: Exchange): Promise<IncomingMessage> {
  const first = open(url, exchange);
  try {
    return await responseOf(first);
  } catch (error) {
    const isStale = first.reusedSocket && codeOf(error) === 'ECONNRESET';
    if (!isStale || exchange.request.signal.aborted) throw failureOf(error, exchange.request);
  }
  try {
    return await responseOf(open(url, exchange));
  } catch (error) {
    throw failureOf(error, exchange.request);
  }
}

function open(url: URL, { request, headers, surroundings }: Exchange): ClientRequest {
  const { signal } = request;
  const options = { headers, signal, maxHeaderSize: MAX_HEADER_BYTES };
  const { plain, secure } = surroundings.agents;
  return url.protocol === 'https:'
    ? requestHttps(url, { ...options, agent: secure })
    : requestHttp(url, { ...options, agent: plain });
}

function responseOf(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve);
    request.on('error', reject);
    request.end();
  });
}

async function readAnswer(response: IncomingMessage, exchange: Exchange): Promise<ScrapeAnswer> {
  const { request } = exchange;
  if (response.statusCode !== 200) {
    // Not read: it may have no end.
    response.destroy();
    throw new ScrapeFailure(`got the status ${response.statusCode}; want 200`);
  }
  const bytes = await readBody(response, exchange);
  const contentType = response.headers['content-type'];
  const encoding = response.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding === 'identity' || encoding === '') return { bytes, contentType };
  if (encoding !== 'gzip' && encoding !== 'x-gzip') {
    throw new ScrapeFailure(`got the encoding ${JSON.stringify(encoding.slice(0, 40))}; want gzip`);
  }
  return { bytes: await decompress(bytes, request), contentType };
}

async function readBody(
  response: IncomingMessage,
  { request, surroundings: { budget } }: Exchange,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length;
      chunks.push(chunk);
      const fits = budget.take(chunk.length);
      if (length > request.maxBytes) throw tooLarge(request);
      if (!fits) {
        throw new ScrapeFailure('got too many large bodies at once; want fewer, or smaller ones');
      }
    }
  } catch (error) {
    throw failureOf(error, request);
  } finally {
    budget.giveBack(length);
  }
  return Buffer.concat(chunks, length);
}

async function decompress(bytes: Buffer, request: ScrapeRequest): Promise<Buffer> {
  try {
    return await gunzipAsync(bytes, { maxOutputLength: request.maxBytes });
  } catch (cause) {
    if (codeOf(cause) === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(request);
    throw new ScrapeFailure(`got a body that is no gzip (${codeOf(cause)}); want one`, { cause });
  }
}

function tooLarge({ maxBytes }: ScrapeRequest): ScrapeFailure {
  return new ScrapeFailure(
    `got a body over ${maxBytes} bytes; want a smaller one, or raise body_size_limit and ingest_max_body_mib`,
  );
}

/** What went wrong, for people: our own failures as they are, the network's by their code. */
function failureOf(cause: unknown, { signal, timeoutMs }: ScrapeRequest): ScrapeFailure {
  if (cause instanceof ScrapeFailure) return cause;
  if (signal.aborted) {
    return new ScrapeFailure(`got no whole answer within ${timeoutMs} ms; want one`, { cause });
  }
  const message = cause instanceof Error && cause.message !== '' ? cause.message : codeOf(cause);
  return new ScrapeFailure(`got ${message}; want an answer`, { cause });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
