import {
  type LiveFigure,
  type LiveFrame,
  type Overview,
  type Panel,
  type Signal,
  SIGNALS,
  type StepAggregate,
  type Unit,
} from '@hubpulse/api';
import { FrameRing } from './frame-ring.ts';

/** One line over the window. `values` holds one figure a step, oldest first; `null` is a gap. */
export interface WindowLine {
  readonly id: string;
  readonly panel: Panel;
  readonly name: string;
  readonly unit: Unit;
  readonly aggregate: StepAggregate;
  readonly values: readonly (number | null)[];
}

/** The window as it stands: steps end at `tMs[i]`; every line has as many values as `tMs`. */
export interface WindowSnapshot {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
  readonly tMs: readonly number[];
  readonly lines: ReadonlyMap<string, WindowLine>;
}

/**
 * What the charts show: an overview, kept up to date by live frames, outside React.
 *
 * A step that ends at `t` covers `(t - stepMs, t]`. The steps that the overview had closed stand as the server gave
 * them; the open step and all newer ones are built from frames by the line's aggregate, and the window slides by whole
 * steps, so that its length stays the same.
 */
export interface LiveWindow {
  /**
   * Takes a new overview. With `follow` (a range that ends now) the window slides with the frames; without it frames
   * change nothing but `latest`.
   *
   * @throws RangeError when the overview's grid is none.
   */
  load(overview: Overview, options: { follow: boolean }): void;
  /** Takes a frame; the same frame again replaces itself, one from before the window is left out. */
  push(frame: LiveFrame): void;
  /** Forgets everything. */
  clear(): void;
  /** The window, the same object until something in it changes; `null` before the first overview. */
  snapshot(): WindowSnapshot | null;
  /** The newest figure of a line with the time of its measurement: from a frame or the overview, whichever is newer. */
  latest(id: string): { readonly tMs: number; readonly value: number } | null;
  /** Calls `run` after `load`, `push` and `clear`, until the returned function is called. */
  subscribe(run: () => void): () => void;
  /** From when on frames are wanted, Unix milliseconds: for the live stream. 0 before the first overview. */
  sinceMs(): number;
  /** How often frames come, milliseconds. */
  frameIntervalMs(): number;
}

/** The most lines that are kept: far above what a page can show, and a bound for what a faulty source can do. */
export const MAX_LINES = 200;

/** The most steps of a window. The server answers at most 1,500; a fixed range may be cut at both ends. */
const MAX_STEPS = 1502;

/** Before the first overview has told. */
const DEFAULT_FRAME_INTERVAL_MS = 5000;

/** Frames further ahead of a new overview than this come from a clock that has since been set back. */
const AHEAD_LIMIT_MS = 60_000;

/** After so many intervals without a frame, the overview's own figures are the newer ones. */
const STALE_INTERVALS = 3;

interface Line {
  readonly id: string;
  readonly panel: Panel;
  readonly name: string;
  readonly unit: Unit;
  readonly aggregate: StepAggregate;
  /** One value a step, NaN for a gap. */
  readonly values: Float64Array;
  /** What the overview had of the step that was open then; NaN for nothing. */
  readonly partial: number;
  newest: { readonly tMs: number; readonly value: number } | null;
  /** `values` for the outside; `null` when it has to be made anew. */
  view: WindowLine | null;
}

interface Grid {
  fromMs: number;
  toMs: number;
  readonly stepMs: number;
  readonly steps: number;
  /** End of the newest step that the overview had closed. */
  readonly closedMs: number;
  readonly overview: Overview;
  readonly follow: boolean;
}

/** Makes an empty window. */
export function createLiveWindow(): LiveWindow {
  return new RingWindow();
}

class RingWindow implements LiveWindow {
  #grid: Grid | null = null;
  #ring: FrameRing | null = null;
  #lines = new Map<string, Line>();
  #snapshot: WindowSnapshot | null = null;
  readonly #listeners = new Set<() => void>();

  load(overview: Overview, { follow }: { follow: boolean }): void {
    const grid = gridOf(overview, follow);
    const previous = this.#lines;
    this.#ring = ringFor(this.#ring, overview);
    this.#grid = grid;
    this.#lines = new Map();
    for (const line of overview.lines.slice(0, MAX_LINES)) {
      const newest = stillNewest(previous.get(line.id)?.newest ?? null, overview);
      const values = Float64Array.from({ length: grid.steps }, (_, i) => line.values[i] ?? NaN);
      const partial = values[stepIndex(grid, grid.closedMs + grid.stepMs)] ?? Number.NaN;
      this.#lines.set(line.id, { ...metaOf(line), values, partial, newest, view: null });
    }
    for (const id of previous.keys()) if (!this.#lines.has(id)) this.#ring.drop(id);
    this.#snapshot = null;
    if (follow) this.#catchUp(grid, this.#ring.newestMs);
    this.#notify();
  }

  push(frame: LiveFrame): void {
    const grid = this.#grid;
    const ring = this.#ring;
    if (grid === null || ring === null) return;
    const slot = ring.tryOpen(frame.tMs);
    if (slot === null) return;
    for (const figure of frame.lines) this.#place(figure, frame.tMs, slot);
    if (grid.follow) {
      const endMs = stepEnd(grid, frame.tMs);
      if (endMs > grid.toMs) this.#slide(grid, endMs);
      this.#rebuild(grid, endMs);
    }
    this.#notify();
  }

  clear(): void {
    this.#grid = null;
    this.#ring = null;
    this.#lines = new Map();
    this.#snapshot = null;
    this.#notify();
  }

  snapshot(): WindowSnapshot | null {
    const grid = this.#grid;
    if (grid === null) return null;
    this.#snapshot ??= {
      fromMs: grid.fromMs,
      toMs: grid.toMs,
      stepMs: grid.stepMs,
      tMs: Array.from({ length: grid.steps }, (_, i) => grid.fromMs + (i + 1) * grid.stepMs),
      lines: new Map([...this.#lines.values()].map((line) => [line.id, viewOf(line)])),
    };
    return this.#snapshot;
  }

  latest(id: string): { readonly tMs: number; readonly value: number } | null {
    const grid = this.#grid;
    if (grid === null) return null;
    const line = this.#lines.get(id);
    const framed = line?.newest ?? null;
    const told = SIGNALS.includes(id as Signal) ? grid.overview.latest[id as Signal] : null;
    if (framed !== null && (told === null || framed.tMs >= told.tMs)) return framed;
    return told ?? (line === undefined ? null : lastOf(line, grid));
  }

  subscribe(run: () => void): () => void {
    this.#listeners.add(run);
    return () => this.#listeners.delete(run);
  }

  sinceMs(): number {
    if (this.#grid === null || this.#ring === null) return 0;
    return Math.max(this.#grid.closedMs, this.#ring.newestMs);
  }

  frameIntervalMs(): number {
    return this.#ring?.intervalMs ?? DEFAULT_FRAME_INTERVAL_MS;
  }

  #notify(): void {
    for (const run of this.#listeners) run();
  }

  #place(figure: LiveFigure, tMs: number, slot: number): void {
    const { id, value } = figure;
    if (!Number.isFinite(value)) return;
    const line = this.#lines.get(id) ?? this.#tryAdd(figure);
    if (line === null) return;
    this.#ring?.set(slot, id, value);
    if (line.newest === null || tMs >= line.newest.tMs) line.newest = { tMs, value };
  }

  #tryAdd(figure: LiveFigure): Line | null {
    const grid = this.#grid;
    if (grid === null || !grid.follow || this.#lines.size >= MAX_LINES) return null;
    const values = new Float64Array(grid.steps).fill(Number.NaN);
    const line = { ...metaOf(figure), values, partial: Number.NaN, newest: null, view: null };
    this.#lines.set(figure.id, line);
    this.#snapshot = null;
    return line;
  }

  /** Slides until the step that ends at `endMs` is the last; new steps are gaps until frames fill them. */
  #slide(grid: Grid, endMs: number): void {
    const shift = Math.min((endMs - grid.toMs) / grid.stepMs, grid.steps);
    grid.toMs = endMs;
    grid.fromMs = endMs - grid.steps * grid.stepMs;
    for (const line of this.#lines.values()) {
      line.values.copyWithin(0, shift);
      line.values.fill(Number.NaN, grid.steps - shift);
      line.view = null;
      if (this.#isGone(line, grid)) {
        this.#lines.delete(line.id);
        this.#ring?.drop(line.id);
      }
    }
    this.#snapshot = null;
  }

  /** A line without a figure in the window is left out, as by the server; the signals stay. */
  #isGone(line: Line, grid: Grid): boolean {
    if (line.panel === 'signals' || (line.newest?.tMs ?? 0) > grid.fromMs) return false;
    return line.values.every(Number.isNaN);
  }

  #catchUp(grid: Grid, newestMs: number): void {
    if (newestMs <= grid.closedMs) return;
    const lastMs = stepEnd(grid, newestMs);
    if (lastMs > grid.toMs) this.#slide(grid, lastMs);
    const firstMs = Math.max(grid.closedMs, grid.fromMs) + grid.stepMs;
    for (let endMs = firstMs; endMs <= lastMs; endMs += grid.stepMs) this.#rebuild(grid, endMs);
  }

  #rebuild(grid: Grid, endMs: number): void {
    const index = stepIndex(grid, endMs);
    if (endMs <= grid.closedMs || index < 0) return;
    for (const line of this.#lines.values()) {
      const value = this.#figureOf(line, grid, endMs);
      if (Object.is(line.values[index], value)) continue;
      line.values[index] = value;
      line.view = null;
      this.#snapshot = null;
    }
  }

  /**
   * One step's figure. The step that was open in the overview comes from frames alone once its first frame is there;
   * until then its partial figure, weighed by the frames that it stands for, is joined by the frames after it.
   */
  #figureOf(line: Line, grid: Grid, endMs: number): number {
    const ring = this.#ring;
    if (ring === null) return Number.NaN;
    const startMs = endMs - grid.stepMs;
    const whole = ring.fold(line.id, line.aggregate, { fromMs: startMs, toMs: endMs });
    const isPartial = startMs === grid.closedMs && !Number.isNaN(line.partial);
    if (!isPartial || (whole.count > 0 && ring.holdsStart(startMs))) return whole.value;
    const { nowMs } = grid.overview;
    const later = ring.fold(line.id, line.aggregate, { fromMs: nowMs, toMs: endMs });
    if (later.count === 0) return line.partial;
    if (line.aggregate === 'max') return Math.max(line.partial, later.value);
    const weight = Math.max(1, Math.round((nowMs - startMs) / ring.intervalMs));
    return (line.partial * weight + later.value * later.count) / (weight + later.count);
  }
}

function gridOf(overview: Overview, follow: boolean): Grid {
  const { fromMs, toMs, stepMs, nowMs } = overview;
  const steps = (toMs - fromMs) / stepMs;
  if (!(stepMs > 0 && Number.isInteger(steps) && steps >= 1 && steps <= MAX_STEPS)) {
    throw new RangeError(
      `overview: got fromMs ${fromMs}, toMs ${toMs}, stepMs ${stepMs}; want 1 to ${MAX_STEPS} whole steps`,
    );
  }
  const closedMs = Math.min(toMs, Math.floor(nowMs / stepMs) * stepMs);
  return { fromMs, toMs, stepMs, steps, closedMs, overview, follow };
}

function ringFor(ring: FrameRing | null, { frameIntervalMs, nowMs }: Overview): FrameRing {
  const isUsable =
    ring !== null && ring.intervalMs === frameIntervalMs && ring.newestMs <= nowMs + AHEAD_LIMIT_MS;
  return isUsable ? ring : new FrameRing(frameIntervalMs);
}

/** A frame's figure outlives a new overview only as long as it is about as new as the overview itself. */
function stillNewest(newest: Line['newest'], { nowMs, frameIntervalMs }: Overview): Line['newest'] {
  if (newest === null || newest.tMs > nowMs + AHEAD_LIMIT_MS) return null;
  return newest.tMs < nowMs - STALE_INTERVALS * frameIntervalMs ? null : newest;
}

type LineMeta = Omit<WindowLine, 'values'>;

function metaOf({ id, panel, name, unit, aggregate }: LineMeta): LineMeta {
  return { id, panel, name, unit, aggregate };
}

function stepEnd({ stepMs }: Grid, tMs: number): number {
  return Math.ceil(tMs / stepMs) * stepMs;
}

function stepIndex({ fromMs, stepMs }: Grid, endMs: number): number {
  return (endMs - fromMs) / stepMs - 1;
}

function viewOf(line: Line): WindowLine {
  line.view ??= {
    ...metaOf(line),
    values: Array.from(line.values, (value) => (Number.isNaN(value) ? null : value)),
  };
  return line.view;
}

/** The last figure of a line; the step that is still open ends, for this, when the overview was made. */
function lastOf(line: Line, grid: Grid): { tMs: number; value: number } | null {
  const index = line.values.findLastIndex((value) => !Number.isNaN(value));
  if (index < 0) return null;
  const endMs = grid.fromMs + (index + 1) * grid.stepMs;
  return { tMs: Math.min(endMs, grid.overview.nowMs), value: line.values[index] ?? Number.NaN };
}
