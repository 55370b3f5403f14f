import type { Labels } from '@hubpulse/model';
import { createSeries } from '../series-cache.ts';

/** The series of one direction of one network interface. */
export interface NetworkSeries {
  readonly bytes: Labels;
  readonly packets: Labels;
  readonly errors: Labels;
  readonly dropped: Labels;
}

/** The series of one network interface. */
export interface InterfaceSeries {
  readonly receive: NetworkSeries;
  readonly transmit: NetworkSeries;
}

/** Builds the series of an interface. */
export function createInterfaceSeries(name: string): InterfaceSeries {
  return { receive: directed(name, 'receive'), transmit: directed(name, 'transmit') };
}

function directed(name: string, direction: string): NetworkSeries {
  const labels = { network_interface_name: name, network_io_direction: direction };
  return {
    bytes: createSeries('system_network_io_bytes_total', labels),
    // The conventions name the interface `system.device` on this one metric; both labels make it joinable with the rest.
    packets: createSeries('system_network_packet_count_total', { ...labels, system_device: name }),
    errors: createSeries('system_network_errors_total', labels),
    dropped: createSeries('system_network_packet_dropped_total', labels),
  };
}
