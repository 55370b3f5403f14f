import { createContext, useContext } from 'react';
import type { OverviewAnswer } from './overview-answer.ts';

/** Carries the answer for the shown window to the cards. */
export const OverviewContext = createContext<OverviewAnswer | null>(null);

/**
 * The answer for the shown window, within a component under `OverviewContext`.
 *
 * @throws Error outside of it.
 */
export function useAnswer(): OverviewAnswer {
  const answer = useContext(OverviewContext);
  if (answer === null) throw new Error('BUG: no OverviewContext above this component');
  return answer;
}
