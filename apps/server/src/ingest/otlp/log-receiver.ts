import type { IngestCounts } from '../ingest-counts.ts';
import { ProtobufReader } from '../protobuf.ts';
import { eachMessage } from './nested-message.ts';
import type { OtlpReceiver } from './receiver.ts';

/** Fields of `ExportLogsServiceRequest` and below that lead to a log record's severity. */
const RESOURCE_LOGS_TAG = 0x0a;
const SCOPE_LOGS_TAG = 0x12;
const LOG_RECORD_TAG = 0x12;
const SEVERITY_TAG = 0x10;

/** How severe a log record is, least first: four numbers of OpenTelemetry's each, from 1 on. */
export const LOG_SEVERITIES = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

/** A severity, or `unspecified` for a record without one. */
export type LogSeverity = (typeof LOG_SEVERITIES)[number] | 'unspecified';

/** Counts log records by severity. They are not kept. */
export function createLogReceiver({ counts }: { counts: IngestCounts }): OtlpReceiver {
  const reader = new ProtobufReader();
  return {
    receive: async (message) => {
      const records = new Map<LogSeverity, number>();
      reader.open(message);
      eachMessage(reader, RESOURCE_LOGS_TAG, () =>
        eachMessage(reader, SCOPE_LOGS_TAG, () =>
          eachMessage(reader, LOG_RECORD_TAG, () => {
            const severity = readSeverity(reader);
            records.set(severity, (records.get(severity) ?? 0) + 1);
          }),
        ),
      );
      counts.addLogRecords(records);
      counts.addStored('otlp_logs', 0);
      return { rejected: 0, message: '' };
    },
  };
}

function readSeverity(reader: ProtobufReader): LogSeverity {
  let number = 0;
  while (reader.at < reader.end) {
    const tag = reader.readVarint();
    if (tag === SEVERITY_TAG) number = reader.readVarint();
    else reader.skip(tag);
  }
  return LOG_SEVERITIES[Math.ceil(number / 4) - 1] ?? 'unspecified';
}
