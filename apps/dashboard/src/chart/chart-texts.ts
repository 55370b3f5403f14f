/** What a line says in the accessible sentence; the figures come with their units. */
export interface LineSummary {
  readonly label: string;
  readonly last: string;
  readonly min: string;
  readonly max: string;
}

/** The few words that a chart says itself; the page gives them in the reader's language. */
export interface ChartTexts {
  /** In place of lines: "No data in this range". */
  readonly noData: string;
  /** One clause of the accessible sentence: "P95: last 981 ms, lowest 300 ms, highest 1.1 s". */
  lineSummary(summary: LineSummary): string;
  /** Name of the keyboard crosshair of a chart: "Crosshair, Response time". */
  crosshair(chart: string): string;
  /** What the keys of the crosshair do: "Arrows move, Space marks, Enter zooms, Escape leaves". */
  readonly crosshairKeys: string;
  /** Tooltip of a legend button: "Click shows this alone, Ctrl+click shows or hides it". */
  readonly legendHint: string;
  /** Heading of the table's first column: "Time". */
  readonly time: string;
  /** Caption of the table: "Response time, the newest 200 of 360 rows"; `shown` may equal `total`. */
  tableCaption(details: { chart: string; shown: number; total: number }): string;
}
