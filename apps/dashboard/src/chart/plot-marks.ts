import type { ChartInk } from './chart-ink.ts';
import type { ChartKind, ChartLine, ChartThreshold } from './chart-props.ts';
import { type ChartColumns, lastIndexOf, lonePoints } from './columns.ts';

/** A finished drawing, to put marks on. All positions are in canvas pixels; `ratio` of them make a CSS pixel. */
export interface Marks {
  readonly context: CanvasRenderingContext2D;
  readonly box: { readonly left: number; readonly top: number; readonly width: number };
  readonly ratio: number;
  readonly ink: ChartInk;
  readonly x: (tMs: number) => number;
  readonly y: (value: number) => number;
  readonly columns: ChartColumns;
  readonly lines: readonly ChartLine[];
  readonly kind: ChartKind;
  readonly threshold: ChartThreshold | undefined;
}

/** Radii and sizes in CSS pixels. */
const LONE_RADIUS = 2;
const LAST_RADIUS = 2.6;
const HALO_RADIUS = 4;
const LABEL_PX = 10.5;

/** A line that ended more steps ago than this has no dot at its end: it is not current. */
const CURRENT_STEPS = 2;

/** Draws what is no line: figures that stand alone, the newest figure of each line, and the threshold. */
export function drawMarks(marks: Marks): void {
  const { context, kind, lines, columns } = marks;
  context.save();
  if (marks.threshold !== undefined) drawThreshold(marks, marks.threshold);
  for (const [i, { color }] of lines.entries()) {
    const column = columns.drawn[i] ?? [];
    if (kind !== 'bars') {
      for (const index of lonePoints(column))
        drawDot(marks, { i, index, color, radius: LONE_RADIUS });
    }
    const index = lastIndexOf(column);
    if (kind === 'line' && index >= 0 && index >= column.length - CURRENT_STEPS) {
      drawDot(marks, { i, index, color: '--panel', radius: HALO_RADIUS });
      drawDot(marks, { i, index, color, radius: LAST_RADIUS });
    }
  }
  context.restore();
}

function drawDot(
  { context, ratio, ink, x, y, columns }: Marks,
  dot: {
    readonly i: number;
    readonly index: number;
    readonly color: string;
    readonly radius: number;
  },
): void {
  const tMs = columns.tMs[dot.index];
  const value = columns.drawn[dot.i]?.[dot.index];
  if (tMs === undefined || value === undefined || value === null) return;
  context.fillStyle = ink.color(dot.color);
  context.beginPath();
  context.arc(x(tMs), y(value), dot.radius * ratio, 0, 2 * Math.PI);
  context.fill();
}

function drawThreshold({ context, box, ratio, ink, y }: Marks, threshold: ChartThreshold): void {
  // Half a pixel off, so that a line of one pixel covers one row.
  const height = Math.round(y(threshold.value)) + 0.5;
  context.strokeStyle = ink.wash('--warn', 0.75);
  context.lineWidth = ratio;
  context.setLineDash([4 * ratio, 4 * ratio]);
  context.beginPath();
  context.moveTo(box.left, height);
  context.lineTo(box.left + box.width, height);
  context.stroke();
  context.setLineDash([]);
  context.fillStyle = ink.color('--warn');
  context.font = `${LABEL_PX * ratio}px ${ink.fontFamily}`;
  context.textAlign = 'left';
  // The label stands on the line, or hangs under it where the drawing ends above.
  const hasRoom = height - box.top > (LABEL_PX + 6) * ratio;
  context.textBaseline = hasRoom ? 'bottom' : 'top';
  const place = [box.left + 6 * ratio, height + (hasRoom ? -3 : 3) * ratio] as const;
  // A rim of the background keeps the words readable where lines run through them.
  context.strokeStyle = ink.color('--panel');
  context.lineWidth = 3 * ratio;
  context.lineJoin = 'round';
  context.strokeText(threshold.label, ...place);
  context.fillText(threshold.label, ...place);
}
