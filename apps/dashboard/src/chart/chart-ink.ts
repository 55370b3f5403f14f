/** The colours and the font that a chart draws with, as the page's style sheet has them now. */
export interface ChartInk {
  /** The value of a CSS variable such as `--s1`. */
  color(name: string): string;
  /** A variable's colour made translucent; `alpha` from 0 to 1. The variable has to be `#rrggbb`. */
  wash(name: string, alpha: number): string;
  /** The `font-family` of the chart's surroundings. */
  readonly fontFamily: string;
}

/** Reads the ink at an element. Each variable is read once; take a new ink for each drawing to follow the theme. */
export function readInk(element: Element): ChartInk {
  const style = getComputedStyle(element);
  const colors = new Map<string, string>();
  const color = (name: string): string => {
    let value = colors.get(name);
    if (value === undefined) {
      value = style.getPropertyValue(name).trim();
      colors.set(name, value);
    }
    return value;
  };
  return {
    color,
    wash: (name, alpha) => translucent(color(name), alpha),
    fontFamily: style.fontFamily,
  };
}

/** `#2563d9` with alpha 0.3 as `#2563d94d`; anything but `#rrggbb` is given back as it is. */
export function translucent(color: string, alpha: number): string {
  if (!/^#[\da-f]{6}$/i.test(color)) return color;
  const byte = Math.round(Math.min(1, Math.max(0, alpha)) * 255);
  return `${color}${byte.toString(16).padStart(2, '0')}`;
}
