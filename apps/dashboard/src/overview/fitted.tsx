import { type ReactNode, useEffect, useRef, useState } from 'react';

/** One row of a legend, which most charts have: the first guess of what the drawing cannot use. */
const LEGEND_ROW_PX = 18;

/** Less than this is no drawing. */
const SMALLEST_PX = 60;

/**
 * Fills the place that it is given with a drawing. `children` draws into so many pixels, legends not counted: the frame
 * tells its height, the content what it needs around the drawing, and one measurement later both fit.
 */
export function Fitted({ children }: { children: (heightPx: number) => ReactNode }): ReactNode {
  const frame = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ framePx: 0, aroundPx: LEGEND_ROW_PX });
  const heightPx = size.framePx === 0 ? 0 : Math.max(SMALLEST_PX, size.framePx - size.aroundPx);
  useEffect(() => {
    const measure = (): void => {
      const framePx = frame.current?.clientHeight ?? 0;
      const drawnPx = Number(content.current?.dataset['drawnPx'] ?? 0);
      const contentPx = content.current?.offsetHeight ?? 0;
      setSize((previous) => {
        const aroundPx = drawnPx > 0 ? contentPx - drawnPx : previous.aroundPx;
        const isSame = framePx === previous.framePx && aroundPx === previous.aroundPx;
        return isSame ? previous : { framePx, aroundPx };
      });
    };
    const observer = new ResizeObserver(measure);
    for (const element of [frame.current, content.current]) if (element) observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={frame} className="absolute inset-x-0 top-0 bottom-1.5">
      {/* Rows of a legend stand far enough apart to be hit (WCAG 2.5.8: 24 pixels from one to the next). */}
      <div ref={content} data-drawn-px={heightPx} className="[&_ul]:gap-y-1.5">
        {heightPx > 0 && children(heightPx)}
      </div>
    </div>
  );
}
