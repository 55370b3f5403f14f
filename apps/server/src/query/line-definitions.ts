import type { Panel, Signal, StepAggregate, Unit } from '@hubpulse/api';
import { type Matcher, METRIC_NAME } from '@hubpulse/model';
import type { AcrossSeries } from './steps.ts';

/** Which series make a line of the overview, and how. */
export interface LineDefinition {
  readonly id: string;
  readonly panel: Panel;
  readonly unit: Unit;
  readonly matchers: readonly Matcher[];
  /** A gauge's figures are read as they are; a counter becomes its increase per second. */
  readonly kind: 'gauge' | 'counter';
  readonly aggregate: StepAggregate;
  readonly across: AcrossSeries;
  /** Label that splits the series into lines of their own, named by its values. */
  readonly splitBy?: string;
  /** Factor from the stored unit to `unit`; 1 when left out. */
  readonly scale?: number;
}

const metric = (name: string): Matcher => ({ name: METRIC_NAME, op: '=', value: name });
const label = (name: string, value: string): Matcher => ({ name, op: '=', value });

/** Seconds are stored, milliseconds are shown. */
const MS_PER_SECOND = 1000;

const signal = (
  id: Signal,
  name: string,
  rest: Pick<LineDefinition, 'unit' | 'aggregate' | 'across'>,
): LineDefinition => ({
  id,
  panel: 'signals',
  kind: 'gauge',
  matchers: [metric(name)],
  ...rest,
});

/** The five signals. Loads are averaged over hosts; what hurts somewhere (disk, latency, errors) shows the worst. */
export const SIGNAL_LINES: Readonly<Record<Signal, LineDefinition>> = {
  cpu: signal('cpu', 'cpu_usage', { unit: 'percent', aggregate: 'mean', across: 'mean' }),
  memory: signal('memory', 'memory_usage', { unit: 'percent', aggregate: 'mean', across: 'mean' }),
  disk: signal('disk', 'disk_usage', { unit: 'percent', aggregate: 'mean', across: 'max' }),
  response_time: signal('response_time', 'api_response_time', {
    unit: 'milliseconds',
    aggregate: 'max',
    across: 'max',
  }),
  error_rate: signal('error_rate', 'error_rate', {
    unit: 'percent',
    aggregate: 'max',
    across: 'max',
  }),
};

const responseTime = (quantile: 'p50' | 'p95' | 'p99'): LineDefinition => ({
  id: `response_time.${quantile}`,
  panel: 'response',
  unit: 'milliseconds',
  kind: 'gauge',
  matchers: [metric(`job:http_server_request_duration_seconds:${quantile}_1m`)],
  aggregate: 'max',
  across: 'max',
  scale: MS_PER_SECOND,
});

const requests = (statusClass: string): LineDefinition => ({
  id: `requests.${statusClass}`,
  panel: 'requests',
  unit: 'requests_per_second',
  kind: 'gauge',
  matchers: [
    metric('job:http_server_requests:rate_1m'),
    label('http_response_status_class', statusClass),
  ],
  aggregate: 'mean',
  across: 'sum',
});

const bytes = (line: {
  id: string;
  panel: Panel;
  matchers: readonly Matcher[];
}): LineDefinition => ({
  ...line,
  unit: 'bytes_per_second',
  kind: 'counter',
  aggregate: 'mean',
  across: 'sum',
});

/**
 * Loopback, and the bridges and pairs of container networks: what passes them passes a real interface too, or never
 * leaves the machine.
 */
const VIRTUAL_INTERFACES =
  'lo|lo0|veth.*|docker.*|br-.*|virbr.*|cni.*|cali.*|flannel.*|cilium.*|lxc.*';

const network = (direction: 'receive' | 'transmit'): LineDefinition =>
  bytes({
    id: `network.${direction}`,
    panel: 'network',
    matchers: [
      metric('system_network_io_bytes_total'),
      label('network_io_direction', direction),
      { name: 'network_interface_name', op: '!~', value: VIRTUAL_INTERFACES },
    ],
  });

const diskIo = (direction: 'read' | 'write'): LineDefinition =>
  bytes({
    id: `disk_io.${direction}`,
    panel: 'disk_io',
    matchers: [metric('system_disk_io_bytes_total'), label('disk_io_direction', direction)],
  });

/** Every line of the overview page beside the five signals. */
export const DETAIL_LINES: readonly LineDefinition[] = [
  responseTime('p50'),
  responseTime('p95'),
  responseTime('p99'),
  requests('2xx'),
  requests('3xx'),
  requests('4xx'),
  requests('5xx'),
  {
    ...SIGNAL_LINES.cpu,
    id: 'cpu_by_host',
    panel: 'cpu_by_host',
    splitBy: 'host_name',
  },
  network('receive'),
  network('transmit'),
  diskIo('read'),
  diskIo('write'),
];
