import type { ErrorComponentProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { TEXTS } from '../i18n/dictionary.ts';

/** What is left when drawing the page failed; it relies on nothing that may be what failed. */
export function CrashPage({ error }: ErrorComponentProps): ReactNode {
  const texts = TEXTS[document.documentElement.lang === 'en' ? 'en' : 'zh-CN'];
  return (
    <main id="main" className="grid h-full flex-1 place-content-center gap-4 p-6 text-center">
      <h1 className="text-[15px] font-semibold">{texts.crashed}</h1>
      <p className="max-w-[60ch] text-ink-2 break-words">
        {error instanceof Error ? error.message : String(error)}
      </p>
      <button
        type="button"
        className="control mx-auto"
        onClick={() => globalThis.location.reload()}
      >
        {texts.reload}
      </button>
    </main>
  );
}
