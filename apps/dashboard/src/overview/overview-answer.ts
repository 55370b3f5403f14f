import {
  ApiError,
  type Overview,
  OVERVIEW_POINTS,
  type Range,
  RANGE_MS,
  type TimeWindow,
} from '@hubpulse/api';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef } from 'react';
import { useDashboard } from '../app/dashboard.ts';
import { useLiveStatus } from '../app/ticking.ts';
import { bootOverviewFor } from '../boot.ts';
import type { View } from '../view/view.ts';

/** What is known of the answer for the window that the URL names. */
export interface OverviewAnswer {
  /** `awaited` with an overview: that of the window before, still shown. */
  readonly phase: 'awaited' | 'here' | 'failed';
  readonly overview: Overview | undefined;
  /** Why the last attempt failed, also where an older answer is still shown. */
  readonly error: ApiError | undefined;
  readonly retry: () => void;
}

/** First part of the query's key, to ask for all windows anew. */
export const OVERVIEW_KEY = 'overview';

/** How often the page asks while the stream has given up: the specification's refresh. */
export const POLL_MS = 30_000;

/** How often it tries again when the server does not answer, or fails. */
const RETRY_MS = 5_000;

/** The longest wait for what live frames do not carry. */
const LONGEST_REFRESH_MS = 600_000;

/** An answer that nobody shows is forgotten at once, or a return to its range would show the past as the present. */
const FORGET_MS = 1_000;

/** Asks for the overview of the view, keeps it in the live window, and keeps the stream running while it follows. */
export function useOverviewAnswer(view: View, isPaused: boolean): OverviewAnswer {
  const { api, boot, clock, liveWindow } = useDashboard();
  const { state } = useLiveStatus();
  const { fixed, range } = view;
  const follows = fixed === undefined;
  const request = useMemo((): TimeWindow => fixed ?? { range }, [fixed, range]);
  const query = useQuery<Overview>({
    queryKey: [OVERVIEW_KEY, request],
    queryFn: ({ signal }) => api.overview(request, OVERVIEW_POINTS, { signal }),
    initialData: () => bootOverviewFor(boot, request, Date.now()),
    initialDataUpdatedAt: boot.readAtMs,
    placeholderData: keepPreviousData,
    gcTime: FORGET_MS,
    refetchInterval: ({ state: { error } }) => {
      if (isRepairable(error)) return RETRY_MS;
      if (!follows || isPaused) return false;
      return state === 'polling' ? POLL_MS : refreshMs(range);
    },
  });
  const { data, dataUpdatedAt, isPlaceholderData } = query;
  const isHere = data !== undefined && !isPlaceholderData;

  useLayoutEffect(() => {
    if (data === undefined || isPlaceholderData) return;
    clock.sync(data.nowMs, dataUpdatedAt);
    liveWindow.load(data, { follow: follows });
  }, [clock, liveWindow, data, dataUpdatedAt, isPlaceholderData, follows]);

  const error = asApiError(query.error);
  useStream({ isWanted: follows && !isPaused, isHere, isFailing: error !== undefined });
  const queries = useQueryClient();
  const retry = useCallback(() => {
    void queries.refetchQueries({ queryKey: [OVERVIEW_KEY], type: 'active' });
  }, [queries]);
  const phase = isHere ? 'here' : error ? 'failed' : 'awaited';
  return { phase, overview: data, error, retry };
}

/** Runs the stream while it is wanted, from the first answer on; asks at once when it gives up, and revives it with the server. */
function useStream(facts: { isWanted: boolean; isHere: boolean; isFailing: boolean }): void {
  const { isWanted, isHere, isFailing } = facts;
  const { stream } = useDashboard();
  const { state } = useLiveStatus();
  const queries = useQueryClient();
  const wasFailing = useRef(false);

  useEffect(() => {
    if (!isWanted) stream.stop();
    else if (isHere) stream.start();
  }, [stream, isWanted, isHere]);
  useEffect(() => () => stream.stop(), [stream]);

  useEffect(() => {
    if (state === 'polling') void queries.invalidateQueries({ queryKey: [OVERVIEW_KEY] });
  }, [queries, state]);

  useEffect(() => {
    const isBack = wasFailing.current && !isFailing;
    wasFailing.current = isFailing;
    if (!isBack || stream.state !== 'polling') return;
    stream.stop();
    stream.start();
  }, [stream, isFailing]);
}

/** What live frames do not carry, above all the window before, is asked for again after a tenth of the range, within bounds. */
function refreshMs(range: Range): number {
  return Math.min(LONGEST_REFRESH_MS, Math.max(POLL_MS, RANGE_MS[range] / 10));
}

/** Whether trying again without a change of ours can help: no answer, or a fault of the server's. */
function isRepairable(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status >= 500);
}

function asApiError(error: unknown): ApiError | undefined {
  if (error === null || error === undefined) return undefined;
  if (error instanceof ApiError) return error;
  const message = error instanceof Error ? error.message : 'got an answer that could not be read';
  return new ApiError({ status: 200, code: 'unreadable', message }, { cause: error });
}
