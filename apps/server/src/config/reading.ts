import type { StartupError } from '../startup-error.ts';
import type { SectionName, Sections } from './sections.ts';
import type { SettingName } from './settings.ts';

/** Where the effective value of a setting comes from. */
export type Source =
  | { readonly kind: 'default' }
  | { readonly kind: 'file'; readonly path: string; readonly line: number }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'flag'; readonly name: string };

/** A value for a known setting as one source gives it, not yet judged. */
export interface Reading {
  readonly name: SettingName;
  readonly value: unknown;
  readonly source: Source;
}

/** A valid section of the file. */
export interface SectionReading {
  readonly name: SectionName;
  readonly value: Sections[SectionName];
  readonly source: Source;
}

/** What a source holds: all that could be read, and a fault for each thing that could not. */
export interface Readings {
  readonly readings: readonly Reading[];
  readonly faults: readonly StartupError[];
}

/** `default`, `/etc/hubpulse.yaml:3`, `HUBPULSE_PORT` or `--port`. */
export function formatSource(source: Source): string {
  switch (source.kind) {
    case 'default':
      return 'default';
    case 'file':
      return `${source.path}:${source.line}`;
    case 'variable':
    case 'flag':
      return source.name;
  }
}
