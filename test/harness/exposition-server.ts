import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

/** Something to scrape, on a free port of this machine. */
export interface ExpositionServer {
  /** `127.0.0.1:port` */
  readonly host: string;
  /** What was asked, in order. */
  readonly requests: IncomingMessage[];
  /** Connections that were opened. */
  connections(): number;
  stop(): Promise<void>;
}

export async function startExpositionServer(answer: RequestListener): Promise<ExpositionServer> {
  const requests: IncomingMessage[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  server.keepAliveTimeout = 60_000;
  server.on('connection', () => connections++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    connections: () => connections,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Answers with a body of a content type, compressed where the asker takes that. */
export function exposing(contentType: string, body: () => string): RequestListener {
  return (request, response) => {
    const isCompressed = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
    response.setHeader('content-type', contentType);
    if (isCompressed) response.setHeader('content-encoding', 'gzip');
    response.end(isCompressed ? gzipSync(body()) : body());
  };
}
