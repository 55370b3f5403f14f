import { z } from 'zod';

import { canonicalHost, isHost } from './host-name.ts';

/** A kind of value that a setting may have. */
export interface Kind<Value> {
  /** Judges a value as YAML gives it and turns it into what the program uses. */
  readonly schema: z.ZodType<Value>;
  /** Completes `want …` in messages and the column "accepts" of the documentation. */
  readonly want: string;
  /** What YAML would have given for the text of a variable or flag; text of another form stays text, to be refused. */
  readonly parseText: (text: string) => unknown;
}

/** Whole numbers from `min` to `max`, both included; `zeroMeans` admits 0 besides and says what it stands for. */
export function wholeNumber(bounds: {
  min: number;
  max: number;
  zeroMeans?: string;
}): Kind<number> {
  const { min, max, zeroMeans } = bounds;
  const range = z.int().min(min).max(max);
  const zero = zeroMeans === undefined ? '' : ` (0 = ${zeroMeans})`;
  const outside = zeroMeans !== undefined && min > 0;
  return {
    schema: outside ? z.union([z.literal(0), range]) : range,
    want: `a whole number from ${min} to ${max}${outside ? `, or 0 (${zeroMeans})` : zero}`,
    parseText: (text) => (/^-?[0-9]{1,15}$/.test(text) ? Number(text) : text),
  };
}

export function oneOf<const Word extends string>(words: readonly Word[]): Kind<Word> {
  return { schema: z.enum(words), want: `one of ${words.join(', ')}`, parseText: (text) => text };
}

export const flag: Kind<boolean> = {
  schema: z.boolean(),
  want: 'true or false',
  parseText: (text) => (text === 'true' ? true : text === 'false' ? false : text),
};

export const host: Kind<string> = {
  schema: z.string().refine(isHost),
  want: 'an IP address or a host name, without scheme and port',
  parseText: (text) => text,
};

/** More names than any proxy setup has; the list is searched on every request. */
const MAX_HOSTS = 100;

export const hostList: Kind<readonly string[]> = {
  schema: z.array(z.string().refine(isHost).transform(canonicalHost)).max(MAX_HOSTS).readonly(),
  want: `host names or IP addresses without scheme and port, at most ${MAX_HOSTS} (in YAML a list; in a variable with commas between)`,
  parseText: (text) => text.split(',').map((item) => item.trim()),
};

/** As many as a line of a configuration can hold and still be read; `scrape_configs` takes more. */
const MAX_ADDRESSES = 1000;

/** A host, an IPv4 address or an IPv6 address in brackets, with or without a port. */
const ADDRESS = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

export const addressList: Kind<readonly string[]> = {
  schema: z.array(z.string().regex(ADDRESS)).max(MAX_ADDRESSES).readonly(),
  want: `addresses of the form host:port, at most ${MAX_ADDRESSES} (in YAML a list; in a variable with commas between)`,
  parseText: (text) => text.split(',').map((item) => item.trim()),
};

/** PATH_MAX of Linux. */
const MAX_PATH_CHARACTERS = 4096;

const path = z
  .string()
  .min(1)
  .max(MAX_PATH_CHARACTERS)
  .refine((text) => !text.includes('\0') && !/^~(?:\/|$)/.test(text));

export const directory: Kind<string> = {
  schema: path,
  want: 'the path of a directory (~ is not expanded)',
  parseText: (text) => text,
};

/** More files than a team has; `*` takes many at once. */
const MAX_PATHS = 100;

export const pathList: Kind<readonly string[]> = {
  schema: z.array(path).max(MAX_PATHS).readonly(),
  want: `paths of files, at most ${MAX_PATHS} (~ is not expanded; * and ? in the last segment stand for any characters and any one; in YAML a list; in a variable with commas between)`,
  parseText: (text) => text.split(',').map((item) => item.trim()),
};
