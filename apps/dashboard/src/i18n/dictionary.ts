import { en } from './en.ts';
import type { Language } from './language.ts';
import { type Texts, zhCn } from './zh-cn.ts';

export type { TextKey, Texts } from './zh-cn.ts';

/** The dictionary of each language. Together they are smaller than one more round trip is long. */
export const TEXTS: Readonly<Record<Language, Texts>> = { 'zh-CN': zhCn, en };

/** Puts values into the `{name}` placeholders of a text; a placeholder without a value stays visible. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (placeholder, name: string) =>
    String(values[name] ?? placeholder),
  );
}

/** Sets a space between digits and Chinese characters, as all our texts do; the browser's own `Intl` sets none. */
export function spaced(text: string): string {
  return text.replaceAll(/(\d)(?=\p{Script=Han})|(\p{Script=Han})(?=\d)/gu, '$1$2 ');
}
