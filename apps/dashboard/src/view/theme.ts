/** The two looks of the interface. */
export const THEMES = ['light', 'dark'] as const;

/** One of the two looks. */
export type Theme = (typeof THEMES)[number];

/** The look that the switch offers. */
export function otherTheme(theme: Theme): Theme {
  return theme === 'dark' ? 'light' : 'dark';
}
