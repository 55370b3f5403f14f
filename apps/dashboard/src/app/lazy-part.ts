import { type ComponentType, useEffect, useState } from 'react';

/**
 * Loads a component when it is first wanted, and gives `null` until then. A failure (the server is away) is reported
 * to `onFailure`, and the next wish tries again; `React.lazy` would remember the failure for ever.
 */
export function useLazyPart<Props>(
  load: () => Promise<ComponentType<Props>>,
  { isWanted, onFailure }: { isWanted: boolean; onFailure: () => void },
): ComponentType<Props> | null {
  const [part, setPart] = useState<ComponentType<Props> | null>(null);
  useEffect(() => {
    if (!isWanted || part !== null) return;
    load().then((loaded) => setPart(() => loaded), onFailure);
  }, [load, isWanted, part, onFailure]);
  return part;
}
