import type { ReactNode } from 'react';
import { sparkPath } from './spark-path.ts';

interface SparklineProps {
  readonly values: readonly (number | null)[];
  /** Name of a CSS variable, such as `--s1`. */
  readonly color: string;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** A small line without axes; gaps are gaps, and without a figure a flat ghost of a line. Decoration for a figure. */
export function Sparkline({ values, color, widthPx, heightPx }: SparklineProps): ReactNode {
  const path = sparkPath(values, { widthPx, heightPx });
  const ink = `var(${color})`;
  return (
    <svg
      width={widthPx}
      height={heightPx}
      viewBox={`0 0 ${widthPx} ${heightPx}`}
      aria-hidden="true"
      className="block shrink-0"
    >
      {path === null ? (
        <path
          d={`M1 ${heightPx / 2}H${widthPx - 1}`}
          stroke={ink}
          strokeWidth="1.4"
          opacity=".12"
        />
      ) : (
        <>
          <path d={path.area} fill={ink} opacity=".1" />
          <path
            d={path.line}
            fill="none"
            stroke={ink}
            strokeWidth="1.4"
            strokeLinejoin="round"
            strokeLinecap="round"
          />
          <circle cx={path.last.x} cy={path.last.y} r="2" fill={ink} />
        </>
      )}
    </svg>
  );
}
