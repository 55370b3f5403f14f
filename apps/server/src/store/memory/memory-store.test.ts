import { describeMetricStore } from '../contract.ts';
import { createMemoryStore } from './memory-store.ts';

describeMetricStore('memory store', { open: async () => createMemoryStore() });
