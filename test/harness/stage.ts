import { type ApiClient, createApiClient, SIGNALS } from '@hubpulse/api';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { launchChromium } from './browser.ts';
import { eventually } from './eventually.ts';
import {
  type HubpulseProcess,
  startHubpulse,
  temporaryDirectory,
  type Variables,
} from './hubpulse-process.ts';

/** The shortest interval: figures come each second, so that tests wait little. */
const EACH_SECOND: Variables = { HUBPULSE_AGENT_INTERVAL_MS: '1000' };

/** The longest that a page may take to something that it is waited for. */
const PAGE_LIMIT_MS = 20_000;

/** The frame of the design: the whole overview without scrolling. */
const VIEWPORT = { width: 1440, height: 900 };

export interface StageOptions {
  /** Settings of the server; figures each second unless told. */
  readonly variables?: Variables;
  /** Fills the data directory before the server first starts. */
  readonly prepare?: (dataDir: string) => Promise<void>;
}

export interface OpenOptions {
  readonly context?: BrowserContextOptions;
  /** Sets up what has to stand before the page loads, such as routes. */
  readonly before?: (page: Page) => Promise<unknown>;
  /** The page will see a failing server, and Chromium's console says so. */
  readonly allowFaults?: boolean;
}

/** The built server and a browser, for the tests of one file. */
export interface Stage {
  readonly api: ApiClient;
  readonly server: HubpulseProcess;
  url(path?: string): string;
  /**
   * Opens a page in a context of its own: 1440 x 900, English, light, UTC unless told. After the test it is closed, and
   * the test fails when the page wrote an error to the console, broke its content policy or called another origin.
   */
  open(path?: string, options?: OpenOptions): Promise<Page>;
  stopServer(): Promise<void>;
  /** Starts the server again, on the same port and the same data. */
  startServer(): Promise<void>;
}

interface OpenContext {
  readonly context: BrowserContext;
  readonly faults: readonly string[];
  readonly allowFaults: boolean;
}

/** Starts a server and a browser before the tests of the calling file, and ends them after. */
export function createStage({ variables = EACH_SECOND, prepare }: StageOptions = {}): Stage {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let server: HubpulseProcess;
  let browser: Browser;
  let opened: OpenContext[] = [];
  const url = (path = '/'): string => new URL(path, server.url).href;

  beforeAll(async () => {
    directory = await temporaryDirectory();
    await prepare?.(directory.path);
    [server, browser] = await Promise.all([
      startHubpulse(directory.path, variables),
      launchChromium(),
    ]);
    await eventually('a figure of every signal', () => hasFigures(server.url));
  });

  afterEach(async () => {
    const ended = opened;
    opened = [];
    await Promise.all(ended.map(({ context }) => context.close()));
    const faults = ended.filter(({ allowFaults }) => !allowFaults).flatMap((one) => one.faults);
    expect(faults).toEqual([]);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    await directory?.remove();
  });

  return {
    get api() {
      return createApiClient({ baseUrl: server.url });
    },
    get server() {
      return server;
    },
    url,
    async open(path, { context: overrides, before, allowFaults = false } = {}) {
      const context = await browser.newContext({
        viewport: VIEWPORT,
        locale: 'en-US',
        timezoneId: 'UTC',
        colorScheme: 'light',
        ...overrides,
      });
      context.setDefaultTimeout(PAGE_LIMIT_MS);
      const page = await context.newPage();
      opened.push({ context, allowFaults, faults: watchFaults(page, server.url) });
      await before?.(page);
      await page.goto(url(path));
      return page;
    },
    async stopServer() {
      await server.stop();
    },
    async startServer() {
      const { port } = new URL(server.url);
      server = await startHubpulse(directory.path, { ...variables, HUBPULSE_PORT: port });
    },
  };
}

async function hasFigures(baseUrl: string): Promise<boolean> {
  const { latest } = await createApiClient({ baseUrl }).overview({ range: '5m' }, 1);
  return SIGNALS.every((signal) => latest[signal] !== null);
}

/** Collects what a page does wrong: errors, violations of its policy, calls to other origins. */
function watchFaults(page: Page, origin: string): readonly string[] {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`page error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const target = new URL(request.url());
    if (target.protocol !== 'data:' && target.origin !== origin) {
      faults.push(`another origin: ${request.url()}`);
    }
  });
  return faults;
}
