import { z } from 'zod';
import { quote } from '../startup-error.ts';
import { closestWord } from './closest-word.ts';

/** What is wrong with a structured value, and where in it. */
export interface SchemaFault {
  /** Keys and indexes that lead to the place; the last one may be a key that is not there. */
  readonly path: readonly PropertyKey[];
  readonly got: string;
  readonly want: string;
  /** The word that was meant, where one is near. */
  readonly guess: string | undefined;
}

/** Values below these keys are secrets, or stand where one was meant. */
const SECRET_KEYS: ReadonlySet<PropertyKey> = new Set(['basic_auth', 'authorization']);

/** Harmless ones among them. */
const SHOWN_KEYS: ReadonlySet<PropertyKey> = new Set(['password_file', 'credentials_file', 'type']);

/**
 * Turns what a schema refuses into faults. The schema's messages say what is wanted, its strict objects which keys they know.
 *
 * @param value What the schema was given; nothing of it is shown but names and plain values that are no secrets.
 */
export function schemaFaults(error: z.ZodError, value: unknown): SchemaFault[] {
  return error.issues.flatMap((issue): SchemaFault[] => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => unknownKey([...issue.path, key], key, issue.message));
    }
    const culprit = valueAt(value, issue.path);
    const isShown =
      !issue.path.some((key) => SECRET_KEYS.has(key)) || SHOWN_KEYS.has(issue.path.at(-1) ?? '');
    const got = isShown || culprit === undefined ? kindOf(culprit) : 'a value that is not shown';
    return [{ path: issue.path, got, want: issue.message, guess: undefined }];
  });
}

/** `[0].static_configs[1].targets` */
export function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}

/** A map with these keys and no other, described by `want`. */
export function knownMap<const Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
  want: string,
): z.ZodObject<Shape, z.core.$strict> {
  const keys = KEYS_BEGIN + Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: ({ code }) => (code === 'unrecognized_keys' ? keys : want),
  });
}

const KEYS_BEGIN = 'one of ';

function unknownKey(path: readonly PropertyKey[], key: string, message: string): SchemaFault {
  const known = message.slice(KEYS_BEGIN.length).split(', ');
  return { path, got: `the key ${quote(key)}`, want: message, guess: closestWord(key, known) };
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, key)
        ? (at as Record<PropertyKey, unknown>)[key]
        : undefined,
    value,
  );
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'a map' : quote(value);
}
