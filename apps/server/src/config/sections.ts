import type { z } from 'zod';
import type { ScrapeJob } from '../ingest/scrape/scrape-job.ts';
import { scrapeConfigsSchema } from './scrape-configs.ts';

/** The parts of the configuration that have a structure of their own. They stand in the file alone. */
export interface Sections {
  readonly scrapeConfigs: readonly ScrapeJob[];
}

export type SectionName = keyof Sections;

/** One section of `hubpulse.yaml`. */
export interface Section<Value> {
  readonly key: string;
  /** @param folder Where relative paths start. */
  readonly schema: (folder: string) => z.ZodType<Value>;
  readonly default: Value;
  /** What listings show of the value: no secrets. */
  readonly shown: (value: Value) => readonly string[];
}

export const SECTIONS: { readonly [Name in SectionName]: Section<Sections[Name]> } = {
  scrapeConfigs: {
    key: 'scrape_configs',
    schema: scrapeConfigsSchema,
    default: [],
    shown: (jobs) => jobs.map(({ name }) => name),
  },
};

export const SECTION_NAMES = Object.keys(SECTIONS) as readonly SectionName[];
