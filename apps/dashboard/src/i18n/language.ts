import type { Language } from '../format/language.ts';

export type { Language } from '../format/language.ts';

/** The languages of the interface, as BCP 47 tags. */
export const LANGUAGES: readonly ['zh-CN', 'en'] = ['zh-CN', 'en'];

/** The language for a reader who prefers `tag` (of `navigator.language`): Chinese for every `zh`, else English. */
export function languageOf(tag: string): Language {
  return /^zh\b/i.test(tag) ? 'zh-CN' : 'en';
}

/** The language that the switch offers. */
export function otherLanguage(language: Language): Language {
  return language === 'en' ? 'zh-CN' : 'en';
}
