import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { HttpError } from '../errors.ts';
import type { LiveFrames, LiveStart, NumberedFrame } from '../live/live-frames.ts';

/** Streams open at once; each holds a socket and a few kilobytes. */
const MAX_CLIENTS = 200;

/** A client that has not read this much is stalled and is let go: without a bound the buffer grows for as long as it stalls. */
const MAX_BUFFERED_BYTES = 256 * 1024;

/** Proxies close a silent connection after 30 to 60 s. */
const HEARTBEAT_MS = 15_000;

/** After how long a browser reconnects by itself. */
const RETRY_MS = 2000;

/** Media type of the live stream. */
export const EVENT_STREAM_CONTENT_TYPE = 'text/event-stream; charset=utf-8';

/** The live stream: adds the route, counts its clients, ends them when the server stops. */
export interface LiveRoute {
  readonly clients: () => number;
  /** Clients that were let go because they did not read. */
  readonly stalled: () => number;
  close(): void;
}

/** `GET /api/v1/live`: server-sent events `frame` and `reset`, as `LiveFrame` in `@hubpulse/api` describes. */
export function addLiveRoute(
  app: FastifyInstance,
  { frames, clock }: { frames: LiveFrames; clock: Clock },
): LiveRoute {
  const open = new Set<() => void>();
  let stalled = 0;

  app.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/live',
    {
      schema: {
        summary: 'Live frames as server-sent events; resumes by Last-Event-ID',
        tags: ['monitoring'],
        querystring: z.object({
          sinceMs: z.coerce
            .number('Unix milliseconds')
            .int('Unix milliseconds')
            .optional()
            .describe('Replay the kept frames after this instant, Unix milliseconds'),
        }),
        headers: z.object({
          'last-event-id': z.string().max(64, 'an id of this stream').optional(),
        }),
      },
    },
    (request, reply) => {
      if (open.size >= MAX_CLIENTS) {
        throw new HttpError(
          'too_many_live_clients',
          `got ${MAX_CLIENTS} live streams already; want fewer open dashboards`,
        );
      }
      const start = startOf(request.headers['last-event-id'], request.query.sinceMs);
      reply.hijack();
      const { raw } = reply;
      for (const [name, value] of Object.entries(reply.getHeaders())) {
        if (value !== undefined) raw.setHeader(name, value);
      }
      const end = streamTo(raw, { frames, clock, start, onStalled: () => stalled++ });
      open.add(end);
      raw.on('close', () => {
        end();
        open.delete(end);
      });
    },
  );

  return {
    clients: () => open.size,
    stalled: () => stalled,
    close: () => {
      for (const end of open) end();
    },
  };
}

function startOf(lastEventId: string | undefined, sinceMs: number | undefined): LiveStart {
  if (lastEventId !== undefined && lastEventId !== '') return { lastEventId };
  return { sinceMs: sinceMs ?? Number.POSITIVE_INFINITY };
}

interface StreamOptions {
  readonly frames: LiveFrames;
  readonly clock: Clock;
  readonly start: LiveStart;
  readonly onStalled: () => void;
}

/** @returns A function that ends the stream; a second call does nothing. */
function streamTo(
  response: ServerResponse,
  { frames, clock, start, onStalled }: StreamOptions,
): () => void {
  response.setHeader('content-type', EVENT_STREAM_CONTENT_TYPE);
  response.setHeader('cache-control', 'no-store');
  response.setHeader('x-accel-buffering', 'no');
  response.writeHead(200);
  let ended = false;
  const end = (): void => {
    if (ended) return;
    ended = true;
    cancelHeartbeat();
    unsubscribe();
    response.end();
  };
  const send = (text: string): void => {
    if (ended) return;
    response.write(text);
    if (response.writableLength <= MAX_BUFFERED_BYTES) return;
    onStalled();
    end();
    response.destroy();
  };
  let cancelHeartbeat = (): void => {};
  const beat = (): void => {
    send(': heartbeat\n\n');
    if (!ended) cancelHeartbeat = clock.schedule(beat, HEARTBEAT_MS);
  };
  const unsubscribe = frames.subscribe((frame) => send(frameEvent(frame)));
  const { frames: missed, gap } = frames.replay(start);
  send(`retry: ${RETRY_MS}\n${gap ? 'event: reset\ndata: {}\n' : ': welcome\n'}\n`);
  for (const frame of missed) send(frameEvent(frame));
  cancelHeartbeat = clock.schedule(beat, HEARTBEAT_MS);
  return end;
}

function frameEvent({ id, frame }: NumberedFrame): string {
  return `id: ${id}\nevent: frame\ndata: ${JSON.stringify(frame)}\n\n`;
}
