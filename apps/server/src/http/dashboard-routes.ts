import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Boot, OVERVIEW_POINTS } from '@hubpulse/api';
import type { Clock } from '../clock.ts';
import type { OverviewQuery } from '../query/overview.ts';
import { parseTimeWindow, type WindowQuery } from '../query/time-window.ts';
import { answerNoRoute, pathOf, sendError } from './error-answers.ts';
import { pagePolicy } from './security-headers.ts';

/** What the dashboard's routes need. */
export interface DashboardParts {
  /** Folder of the built dashboard. */
  readonly directory: string;
  readonly version: string;
  readonly query: OverviewQuery;
  readonly clock: Clock;
}

/** Where the page expects its first data. */
const BOOT_MARK = '<!--boot-->';

/** Files under this prefix carry a hash in their names and never change. */
const ASSETS_PREFIX = '/assets/';

/**
 * Serves the built dashboard: its files, precompressed where the build made them so, and its page for every other path
 * that a browser asks for. Without a build the API still works and the page says what is missing.
 */
export async function addDashboardRoutes(
  app: FastifyInstance,
  parts: DashboardParts,
): Promise<void> {
  const page = await readPage(parts.directory);
  app.setNotFoundHandler((request, reply) => answerNoRoute(app, request, reply));
  // A route and not the handler above, since only what a route answers is compressed.
  app.get('/*', { schema: { hide: true } }, async (request, reply) => {
    if (!isPageRequest(request)) return answerNoRoute(app, request, reply);
    if (page !== undefined)
      return sendPage(reply, page, await readBoot(request.query as WindowQuery, parts));
    return sendError(
      reply,
      'not_found',
      `got no built dashboard in ${parts.directory}; want one: npm run build`,
    );
  });
  if (page === undefined) return;
  await app.register(fastifyStatic, {
    root: join(parts.directory, 'assets'),
    prefix: ASSETS_PREFIX,
    preCompressed: true,
    immutable: true,
    maxAge: '365d',
    index: false,
  });
}

interface Page {
  readonly before: string;
  readonly after: string;
  readonly policy: string;
}

async function readPage(directory: string): Promise<Page | undefined> {
  const html = await readFile(join(directory, 'index.html'), 'utf8').catch(() => undefined);
  if (html === undefined) return undefined;
  const [before = html, after = ''] = html.split(BOOT_MARK);
  return { before, after, policy: pagePolicy(inlineScriptHashes(html)) };
}

function inlineScriptHashes(html: string): string[] {
  return [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, script]) =>
    createHash('sha256')
      .update(script ?? '')
      .digest('base64'),
  );
}

function isPageRequest(request: FastifyRequest): boolean {
  const path = pathOf(request);
  return (
    (request.method === 'GET' || request.method === 'HEAD') &&
    !/^\/(api|assets)\//.test(path) &&
    (request.headers.accept ?? '').includes('text/html')
  );
}

function sendPage(reply: FastifyReply, { before, after, policy }: Page, boot: Boot): FastifyReply {
  const json = JSON.stringify(boot).replaceAll('<', String.raw`\u003c`);
  return reply
    .code(200)
    .headers({ 'content-security-policy': policy, 'cache-control': 'no-store' })
    .type('text/html; charset=utf-8')
    .send(`${before}<script type="application/json" id="boot">${json}</script>${after}`);
}

async function readBoot(
  { range, from, to }: WindowQuery,
  { version, query, clock }: DashboardParts,
): Promise<Boot> {
  const parsed = parseTimeWindow(from === undefined ? { range } : { from, to }, clock.nowMs());
  if ('problem' in parsed) return { version };
  const overview = await query.overview(parsed.window, OVERVIEW_POINTS).catch(() => undefined);
  return overview === undefined ? { version } : { version, overview };
}
