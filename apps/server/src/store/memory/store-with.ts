import type { MetricStore } from '../port.ts';

/** The store with some methods replaced: for tests of what happens when one fails, hangs or does nothing. */
export function storeWith(store: MetricStore, replaced: Partial<MetricStore>): MetricStore {
  return {
    intern: (labels) => store.intern(labels),
    find: (labels) => store.find(labels),
    append: (batch) => store.append(batch),
    select: (selection) => store.select(selection),
    selectRollups: (selection) => store.selectRollups(selection),
    delete: (deletion) => store.delete(deletion),
    series: (matchers) => store.series(matchers),
    labelNames: () => store.labelNames(),
    labelValues: (name) => store.labelValues(name),
    stats: () => store.stats(),
    close: () => store.close(),
    ...replaced,
  };
}
