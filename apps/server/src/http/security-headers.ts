import type { FastifyInstance } from 'fastify';

/** Sets the headers that keep other sites from embedding or sniffing our answers. Pages add their own policy. */
export function setSecurityHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', (_request, reply, done) => {
    void reply.headers({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    });
    done();
  });
}

/**
 * The content security policy of the dashboard's page.
 *
 * Styles may stand inline, since the chart and the dialogs set some; scripts only with one of the given hashes.
 */
export function pagePolicy(inlineScriptHashes: readonly string[]): string {
  const scripts = inlineScriptHashes.map((hash) => ` 'sha256-${hash}'`).join('');
  return [
    "default-src 'self'",
    `script-src 'self'${scripts}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}
