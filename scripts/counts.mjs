/**
 * Adds up the tests of all projects. A run without results (it did not get so far) is one failure, as is each error
 * outside of a test.
 *
 * @param {import('./counts-reporter.mjs').TestResults | undefined} results
 * @returns {import('./counts-reporter.mjs').Counts}
 */
export function totalOf(results) {
  if (results === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const total = { passed: 0, failed: results.errors, skipped: 0 };
  for (const counts of Object.values(results.projects)) {
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
  }
  return total;
}

/**
 * One line: `12 passed, 0 failed`, and how many were skipped where some were.
 *
 * @param {import('./counts-reporter.mjs').Counts} counts
 */
export function describeCounts({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
