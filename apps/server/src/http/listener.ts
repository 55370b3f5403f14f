import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { StartupError } from '../startup-error.ts';

/** Where to listen; port 0 takes any free one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Listens and tells the URL.
 *
 * @throws StartupError when the port is taken or not allowed, or the address is not one of this machine.
 */
export async function listen(app: FastifyInstance, address: ListenAddress): Promise<string> {
  try {
    await app.listen(address);
  } catch (error) {
    throw explain(error, address);
  }
  const { port } = app.server.address() as AddressInfo;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `http://${host}:${port}`;
}

function explain(error: unknown, { host, port }: ListenAddress): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'EADDRINUSE':
      return new StartupError(
        {
          what: `${host}:${port}`,
          got: 'a port that another program listens on',
          want: 'a free one',
          remedy: 'End that program, or set another port (HUBPULSE_PORT; 0 takes any free one).',
        },
        { cause: error },
      );
    case 'EACCES':
      return new StartupError(
        {
          what: `${host}:${port}`,
          got: 'a port that this user may not open',
          want: 'a port of 1024 or more',
          remedy: 'Set another port (HUBPULSE_PORT).',
        },
        { cause: error },
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new StartupError(
        {
          what: `host ${host}`,
          got: 'an address that this machine does not have',
          want: 'one of its own, such as 127.0.0.1',
          remedy: 'Correct the host (HUBPULSE_HOST).',
        },
        { cause: error },
      );
    default:
      return error;
  }
}
