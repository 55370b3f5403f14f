import { type ReactNode, useCallback, useEffect, useState } from 'react';

/** Long enough to read a line twice. */
const SHOWN_MS = 5000;

/** Keeps one sentence for a few seconds; the next replaces it. */
export function useNotice(): { notice: string; announce: (sentence: string) => void } {
  const [notice, setNotice] = useState({ sentence: '', count: 0 });
  const announce = useCallback(
    (sentence: string) => setNotice(({ count }) => ({ sentence, count: count + 1 })),
    [],
  );
  useEffect(() => {
    if (notice.sentence === '') return undefined;
    const timer = setTimeout(() => announce(''), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [notice, announce]);
  return { notice: notice.sentence, announce };
}

/** The sentence at the lower edge; screen readers read it when it changes. */
export function Notice({ sentence }: { sentence: string }): ReactNode {
  return (
    <output className="pointer-events-none fixed inset-x-3 bottom-[68px] z-40 flex justify-center md:bottom-5">
      {sentence && (
        <p className="max-w-[640px] rounded-[9px] bg-ink px-3.5 py-2 text-[12.5px] break-words text-panel shadow-[var(--pop)]">
          {sentence}
        </p>
      )}
    </output>
  );
}
