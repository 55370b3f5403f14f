import { defineConfig } from 'vitest/config';

const source = { conditions: ['@hubpulse/source'] };
const ssr = { resolve: source };

export default defineConfig({
  resolve: source,
  ssr,
  test: {
    // V8 loses count of its code pages when worker threads come and go on processors with protection keys, and ends the
    // process ("Check failed: jit_page.has_value()"); tests open and close hundreds of stores with a worker each.
    execArgv: ['--no-memory-protection-keys'],
    coverage: { provider: 'v8', include: ['packages/*/src/**', 'apps/*/src/**'] },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          maxWorkers: '100%',
          // No test waits for time; a machine that is busy with something else may still be slow.
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
          include: [
            'packages/*/src/**/*.test.ts',
            'apps/*/src/**/*.test.{ts,tsx}',
            'test/*.test.ts',
            'scripts/**/*.test.ts',
          ],
          exclude: ['**/node_modules/**', '**/*.slow.test.{ts,tsx}'],
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          sequence: { groupOrder: 1 },
          include: [
            '{apps,packages}/*/src/**/*.slow.test.{ts,tsx}',
            '{scripts,test}/*.slow.test.ts',
            'test/system/**/*.test.ts',
          ],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          sequence: { groupOrder: 2 },
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          // A page waits for the next figure, and a busy machine for the page.
          expect: { poll: { timeout: 15_000 } },
        },
      },
    ],
  },
});
