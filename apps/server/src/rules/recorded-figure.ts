/** A figure that a rule gives, with its labels in plain form, the metric's name included. */
export interface RecordedFigure {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}
