import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef } from 'react';
import type { ChartLine, TimeChartProps } from './chart-props.ts';
import { type MountedChart, mountChart } from './mounted-chart.ts';
import { useRedrawQueue } from './redraw-queue.ts';

interface DrawingProps {
  readonly chart: TimeChartProps;
  /** The lines that are drawn; those of `chart` that are missing here are only read out. */
  readonly lines: readonly ChartLine[];
  readonly readouts: ReadonlyMap<string, HTMLElement>;
}

/** The canvas of a chart with its keyboard crosshair. Another look needs another `key`. */
export function Drawing({ chart: props, lines, readouts }: DrawingProps): ReactNode {
  const host = useRef<HTMLDivElement>(null);
  const slider = useRef<HTMLInputElement>(null);
  const empty = useRef<HTMLDivElement>(null);
  const chart = useRef<MountedChart>(null);
  const newest = useRef({ props, lines });
  const queue = useRedrawQueue();
  const keysId = useId();
  const { window, theme, texts } = props;
  useEffect(() => {
    newest.current = { props, lines };
  });
  useEffect(() => {
    if (host.current === null || slider.current === null || empty.current === null) return;
    const mounted = mountChart({
      elements: { host: host.current, slider: slider.current, empty: empty.current, readouts },
      window,
      queue,
      lines: newest.current.lines,
      props: () => newest.current.props,
    });
    chart.current = mounted;
    return () => {
      chart.current = null;
      mounted.destroy();
    };
  }, [window, queue, readouts]);
  useEffect(() => {
    chart.current?.setTheme(theme);
  }, [theme]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (chart.current?.press(event) !== true) return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className="relative px-1.5">
      <input
        ref={slider}
        type="range"
        aria-label={texts.crosshair(props.label)}
        aria-describedby={keysId}
        onKeyDown={onKeyDown}
        onInput={(event) => chart.current?.moveTo(event.currentTarget.valueAsNumber)}
        onBlur={() => chart.current?.leave()}
        className="peer pointer-events-none absolute inset-0 opacity-0"
      />
      <span id={keysId} hidden>
        {texts.crosshairKeys}
      </span>
      <div
        ref={host}
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- an <img> cannot hold a canvas and its crosshair.
        role="img"
        aria-label={props.label}
        style={{ height: props.heightPx }}
        className="chart-host rounded-md outline-accent peer-focus-visible:outline-2"
      />
      <div
        ref={empty}
        hidden
        className="pointer-events-none absolute inset-0 items-center justify-center text-[12px] text-ink-3 [&:not([hidden])]:flex"
      >
        {texts.noData}
      </div>
    </div>
  );
}
