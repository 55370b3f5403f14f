import type { LatestFigure, Signal } from '@hubpulse/api';
import { type ReactNode, useMemo, useSyncExternalStore } from 'react';
import { useDashboard } from '../app/dashboard.ts';
import type { ChartLine, TimeChartProps } from '../chart/chart-props.ts';
import { RedrawQueueProvider } from '../chart/redraw-queue.ts';
import { TimeChart } from '../chart/time-chart.tsx';
import { fill } from '../i18n/dictionary.ts';
import type { LiveWindow, WindowSnapshot } from '../live/live-window.ts';
import { useShell } from '../shell/shell-context.ts';
import { useNavigation } from '../view/navigation.ts';
import { useView } from '../view/view.ts';
import { ChartCard, type ChartCardProps } from './chart-card.tsx';
import { chartTextsOf } from './chart-texts.ts';
import { THRESHOLDS } from './level.ts';
import { useAnswer } from './overview-context.ts';
import * as panels from './panels.ts';

/** The charts below the figures: machines, then users, then what the machines move. */
export function ChartGrid(): ReactNode {
  const { texts } = useView();
  const networkLines = useMemo(() => panels.networkLines(texts), [texts]);
  const diskLines = useMemo(() => panels.diskLines(texts), [texts]);
  return (
    <RedrawQueueProvider>
      <SignalsChart />
      <HostsChart />
      <ResponseChart />
      <RequestsChart />
      <RateChart panel="network" testId="chart-network" lines={networkLines} />
      <RateChart panel="diskIo" testId="chart-disk-io" lines={diskLines} />
    </RedrawQueueProvider>
  );
}

function SignalsChart(): ReactNode {
  const { texts } = useView();
  const shared = useSharedChart('');
  const lines = useMemo(() => panels.signalLines(texts), [texts]);
  const card = useCard(lines, panels.RELATED_SIGNALS.signals);
  return (
    <ChartCard
      {...card}
      testId="chart-signals"
      title={texts.signals}
      note={texts.signalsNote}
      className="panel-wide"
    >
      {(heightPx) => (
        <TimeChart
          {...shared}
          lines={lines}
          unit="percent"
          yMax={100}
          label={texts.signals}
          heightPx={heightPx}
        />
      )}
    </ChartCard>
  );
}

function HostsChart(): ReactNode {
  const { texts } = useView();
  const shared = useSharedChart('');
  const { lines, count } = useChosenLines(panels.hostLines);
  const card = useCard(lines, panels.RELATED_SIGNALS.cpuByHost);
  const note =
    count > lines.length ? fill(texts.someHosts, { shown: lines.length, count }) : undefined;
  return (
    <ChartCard
      {...card}
      testId="chart-cpu-by-host"
      title={texts.cpuByHost}
      note={note}
      className="panel-narrow"
    >
      {(heightPx) => (
        <TimeChart
          {...shared}
          lines={lines}
          unit="percent"
          label={texts.cpuByHost}
          heightPx={heightPx}
        />
      )}
    </ChartCard>
  );
}

function ResponseChart(): ReactNode {
  const { texts } = useView();
  const shared = useSharedChart('');
  const card = useCard(panels.RESPONSE_LINES, panels.RELATED_SIGNALS.response);
  const threshold = useMemo(() => {
    const value = THRESHOLDS.response_time.warning;
    return { value, label: fill(texts.slowThreshold, { seconds: value / 1000 }) };
  }, [texts]);
  return (
    <ChartCard
      {...card}
      testId="chart-response"
      title={texts.response}
      note={texts.responseNote}
      className="panel-wide"
    >
      {(heightPx) => (
        <TimeChart
          {...shared}
          lines={panels.RESPONSE_LINES}
          unit="milliseconds"
          threshold={threshold}
          label={texts.response}
          heightPx={heightPx}
        />
      )}
    </ChartCard>
  );
}

/** The part of the height that requests get; errors get the rest, where a few of them can be seen. */
const REQUESTS_SHARE = 0.62;

function RequestsChart(): ReactNode {
  const { texts } = useView();
  const shared = useSharedChart('');
  const { lines } = useChosenLines(presentRequests);
  const errorLines = useMemo(() => panels.errorLines(texts), [texts]);
  const all = useMemo(() => [...lines, ...errorLines], [lines, errorLines]);
  const card = useCard(all, panels.RELATED_SIGNALS.requests);
  const sharedErrors = useSharedChart(card.state === 'empty' ? '' : texts.noErrors);
  return (
    <ChartCard
      {...card}
      testId="chart-requests"
      title={texts.requests}
      note={texts.requestsNote}
      className="panel-narrow"
    >
      {(heightPx) => {
        const requestsPx = Math.round(heightPx * REQUESTS_SHARE);
        return (
          <>
            <TimeChart
              {...shared}
              lines={lines}
              unit="requests_per_second"
              kind="stack"
              showTimeAxis={false}
              label={texts.requests}
              heightPx={requestsPx}
            />
            <div data-testid="chart-errors">
              <TimeChart
                {...sharedErrors}
                lines={errorLines}
                unit="requests_per_second"
                kind="bars"
                label={texts.errorLane}
                heightPx={heightPx - requestsPx}
              />
            </div>
          </>
        );
      }}
    </ChartCard>
  );
}

function RateChart(props: {
  panel: 'network' | 'diskIo';
  testId: string;
  lines: readonly ChartLine[];
}): ReactNode {
  const { panel, testId, lines } = props;
  const { [panel]: title } = useView().texts;
  const shared = useSharedChart('');
  const card = useCard(lines, panels.RELATED_SIGNALS[panel]);
  return (
    <ChartCard {...card} testId={testId} title={title} className="panel-half">
      {(heightPx) => (
        <TimeChart
          {...shared}
          lines={lines}
          unit="bytes_per_second"
          label={title}
          heightPx={heightPx}
        />
      )}
    </ChartCard>
  );
}

/** What all charts of the page have in common. */
function useSharedChart(
  noData: string,
): Pick<
  TimeChartProps,
  'window' | 'language' | 'theme' | 'table' | 'texts' | 'onZoom' | 'onZoomReset'
> {
  const { liveWindow } = useDashboard();
  const { language, theme, texts } = useView();
  const { showsTables } = useShell();
  const navigation = useNavigation();
  return useMemo(
    () => ({
      window: liveWindow,
      language,
      theme,
      table: showsTables,
      texts: chartTextsOf(texts, noData),
      onZoom: navigation.zoomTo,
      onZoomReset: navigation.resetZoom,
    }),
    [liveWindow, language, theme, texts, showsTables, navigation, noData],
  );
}

/** The state of a chart's card. It changes seldom, so new figures draw the chart without drawing the card. */
function useCard(
  lines: readonly ChartLine[],
  related: readonly Signal[],
): Pick<ChartCardProps, 'state' | 'isDimmed' | 'lastAnywhere'> {
  const { phase, overview } = useAnswer();
  const hasFigures = useFromWindow((window) => panels.hasFigures(lines, window.snapshot()));
  const isDimmed = phase === 'awaited' && overview !== undefined;
  const lastAnywhere = related.reduce<LatestFigure | null>((newest, signal) => {
    const figure = overview?.latest[signal] ?? null;
    return figure !== null && figure.tMs > (newest?.tMs ?? 0) ? figure : newest;
  }, null);
  if (phase === 'failed') return { state: 'error', isDimmed, lastAnywhere };
  if (phase === 'awaited' && !isDimmed) return { state: 'loading', isDimmed, lastAnywhere };
  return { state: hasFigures ? 'ready' : 'empty', isDimmed, lastAnywhere };
}

/** Lines that depend on what the window holds; the same object until their choice changes. */
function useChosenLines(
  choose: (snapshot: WindowSnapshot | null) => panels.PanelLines,
): panels.PanelLines {
  const text = useFromWindow((window) => JSON.stringify(choose(window.snapshot())));
  return useMemo(() => JSON.parse(text) as panels.PanelLines, [text]);
}

function presentRequests(snapshot: WindowSnapshot | null): panels.PanelLines {
  const lines = panels.presentLines(panels.REQUEST_LINES, snapshot);
  return { lines, count: lines.length };
}

/** A fact read from the live window; the component is drawn again only when the fact changes. */
function useFromWindow<T extends string | boolean>(read: (window: LiveWindow) => T): T {
  const { liveWindow } = useDashboard();
  return useSyncExternalStore(
    (run) => liveWindow.subscribe(run),
    () => read(liveWindow),
  );
}
