import { isIP } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { canonicalHost, isHost, isLoopback } from '../config/host-name.ts';
import { HttpError } from '../errors.ts';

/** Names under which a loopback listener may be addressed. */
const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '::1'];

/**
 * Refuses requests whose `Host` is not a name of ours. Without it any web page could point its own name at 127.0.0.1 and
 * read the API from the browser of whoever visits it (DNS rebinding).
 *
 * A server that listens beyond loopback answers to every address too: only names can be pointed elsewhere.
 *
 * @param allowedHosts Further names, without port.
 */
export function guardHost(
  app: FastifyInstance,
  { listenHost, allowedHosts }: { listenHost: string; allowedHosts: readonly string[] },
): void {
  const allowed = new Set([...LOOPBACK_NAMES, listenHost, ...allowedHosts].map(canonicalHost));
  const takesAddresses = !isLoopback(listenHost);
  app.addHook('onRequest', (request, _reply, done) => {
    const name = hostName(request.headers.host ?? '');
    const isAllowed = allowed.has(name) || (takesAddresses && isIP(name) !== 0);
    if (isAllowed) done();
    else done(new HttpError('host_not_allowed', refusal(request.headers.host)));
  });
}

/** The host of a `Host` header, in canonical spelling and without port and brackets; empty when it is none. */
function hostName(header: string): string {
  const name = header.replace(/:\d{1,5}$/, '').replace(/^\[(.*)\]$/, '$1');
  return isHost(name) ? canonicalHost(name) : '';
}

/**
 * Refuses what a page of another site makes a visitor's browser send: such a page cannot read the answer, but a query costs
 * us all the same. Following a link to a page of ours is welcome. Programs other than browsers send no such header.
 */
export function guardOrigin(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const { 'sec-fetch-site': site, 'sec-fetch-mode': mode } = request.headers;
    const isLink = mode === 'navigate' && !request.url.startsWith('/api/');
    if (site !== 'cross-site' || isLink) done();
    else
      done(
        new HttpError(
          'origin_not_allowed',
          'got a request that another site caused; want one of ours',
        ),
      );
  });
}

/** A got name in a message is cut here: it is the sender's text. */
const SHOWN_CHARACTERS = 80;

function refusal(header: string | undefined): string {
  const got =
    header === undefined
      ? 'no Host'
      : `the Host ${JSON.stringify(header.slice(0, SHOWN_CHARACTERS))}`;
  return `got ${got}; want localhost, or add the name to allowed_hosts (HUBPULSE_ALLOWED_HOSTS)`;
}
