/** The two text formats: Prometheus' 0.0.4 and OpenMetrics 1.0. */
export type ExpositionFormat = 'text' | 'openmetrics';

/**
 * What we ask for, as Prometheus does: OpenMetrics first, then its own format, names in UTF-8 without escapes. The binary
 * format is not among them.
 */
export const ACCEPT =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,' +
  'application/openmetrics-text;version=0.0.1;q=0.4,' +
  'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1';

/**
 * The format that a content type names. Programs written by hand often name none or a wrong one: all but OpenMetrics counts
 * as Prometheus' text, which the first line then proves or not.
 *
 * @returns `undefined` for Prometheus' binary format, which we do not read.
 */
export function formatOf(contentType: string | undefined): ExpositionFormat | undefined {
  const mediaType = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  if (mediaType === 'application/openmetrics-text') return 'openmetrics';
  return mediaType === 'application/vnd.google.protobuf' ? undefined : 'text';
}
