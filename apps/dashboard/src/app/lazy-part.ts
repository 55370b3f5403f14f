import { type ReactNode, useEffect, useState } from 'react';

/** Draws a part that was loaded. */
type Draw<Props> = (props: Props) => ReactNode;

/**
 * Loads a part when it is first wanted, and gives `null` until then. A failure (the server is away) is reported to
 * `onFailure`, and the next wish tries again; `React.lazy` would remember the failure for ever.
 */
export function useLazyPart<Props>(
  load: () => Promise<Draw<Props>>,
  { isWanted, onFailure }: { isWanted: boolean; onFailure: () => void },
): Draw<Props> | null {
  const [part, setPart] = useState<Draw<Props> | null>(null);
  useEffect(() => {
    if (!isWanted || part !== null) return;
    load().then((loaded) => setPart(() => loaded), onFailure);
  }, [load, isWanted, part, onFailure]);
  return part;
}
