/** A message that remote write may carry: 1.0 or 2.0 of the specification. */
export type RemoteWriteMessage = 'prometheus.WriteRequest' | 'io.prometheus.write.v2.Request';

/**
 * The message that a `Content-Type` names; `undefined` for any other type. Without the parameter `proto` it is that of 1.0, as
 * the specification says.
 */
export function messageOf(contentType: string): RemoteWriteMessage | undefined {
  const [type = '', ...parameters] = contentType.split(';').map((part) => part.trim());
  if (type.toLowerCase() !== 'application/x-protobuf') return undefined;
  const proto = parameters
    .map((parameter) => /^proto=(?:"([^"]*)"|([^"]*))$/i.exec(parameter))
    .find((found) => found !== null);
  const name = proto?.[1] ?? proto?.[2] ?? 'prometheus.WriteRequest';
  return MESSAGES.find((message) => message === name);
}

const MESSAGES: readonly RemoteWriteMessage[] = [
  'prometheus.WriteRequest',
  'io.prometheus.write.v2.Request',
];

/** Whether a `Content-Encoding` is Snappy's. A sender of 1.0 that says none means it, as Prometheus reads it too. */
export function isSnappy(contentEncoding: string | undefined): boolean {
  const encoding = (contentEncoding ?? '').trim().toLowerCase();
  return encoding === '' || encoding === 'snappy';
}
