import type { RuleGroup } from './rule.ts';
import { formatFault, parseRuleFile } from './rule-file.ts';

/** What stands in the place of a file for the rules that Hubpulse brings. */
const BUILTIN_FILE = '(built in)';

/**
 * The five signals, and the lines that the overview draws beside them.
 *
 * Hosts are those of Hubpulse's agent, and over them those that a node_exporter tells of: the first two selectors of a rule
 * are the agent's. Services are judged by the last minute. A sender that exports once a minute, as OpenTelemetry's SDKs do,
 * has less than two samples in it; then the last two and a half minutes count.
 */
const BUILTIN_RULES = `groups:
  - name: hubpulse
    rules:
      # The host's own name for what a scraper calls localhost:9100, so that a host with an agent and an exporter is one.
      - record: instance:host_name:info
        expr: |
          topk by (job, instance) (1, group by (job, instance, host_name) (
            label_replace(node_uname_info, "host_name", "$1", "nodename", "(.*)")
          ))

      # Waiting for a disk is idle time, as top counts it.
      - record: cpu_usage
        expr: |
          100 * (
            sum by (host_name) (avg by (host_name, cpu_mode) (
              system_cpu_utilization_ratio{host_name!="", cpu_mode!~"idle|iowait"}
            ))
            or
            max by (host_name) (
              (
                1
                - sum by (job, instance) (irate(node_cpu_seconds_total{mode=~"idle|iowait"}[150s]))
                / count by (job, instance) (node_cpu_seconds_total{mode="idle"})
              )
              * on (job, instance) group_left (host_name) instance:host_name:info
            )
          ) >= 0

      - record: memory_usage
        expr: |
          100 * (
            max by (host_name) (system_memory_utilization_ratio{host_name!="", system_memory_state="used"})
            or
            max by (host_name) (
              (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)
              * on (job, instance) group_left (host_name) instance:host_name:info
            )
          ) >= 0

      # The fullest file system. A read-only one, such as an image, is full by design and never fills up; an overlay other than
      # the root shows again the disk that its layers lie on.
      - record: disk_usage
        expr: |
          100 * (
            max by (host_name) (system_filesystem_utilization_ratio{host_name!="", system_filesystem_mode!="ro"})
            or
            max by (host_name) (
              (
                1
                - node_filesystem_avail_bytes{fstype!~"tmpfs|ramfs|devtmpfs|squashfs|erofs|cramfs|iso9660|udf|fuse\\\\..*"}
                / (node_filesystem_size_bytes - node_filesystem_free_bytes + node_filesystem_avail_bytes)
                unless node_filesystem_readonly == 1
                unless node_filesystem_readonly{fstype="overlay", mountpoint!="/"}
              )
              * on (job, instance) group_left (host_name) instance:host_name:info
            )
          ) >= 0

      # A request that ended without a status failed on the server's side.
      - record: job:http_server_requests:rate_1m
        expr: |
          sum by (job, http_response_status_class) (
            label_replace(
              label_replace(
                ${requests('1m', 'job, http_response_status_code')}
                or (${requests('150s', 'job, http_response_status_code')} unless on (job) ${requests('1m')}),
                "http_response_status_class", "5xx", "", ""
              ),
              "http_response_status_class", "\${1}xx", "http_response_status_code", "([1-5])[0-9][0-9]"
            )
          )
      - record: job:http_server_request_duration_seconds:p50_1m
        expr: histogram_quantile(0.5, ${latencies()}) >= 0
      - record: job:http_server_request_duration_seconds:p95_1m
        expr: histogram_quantile(0.95, ${latencies()}) >= 0
      - record: job:http_server_request_duration_seconds:p99_1m
        expr: histogram_quantile(0.99, ${latencies()}) >= 0

      - record: api_response_time
        expr: 1000 * histogram_quantile(0.95, ${latencies()}) >= 0

      - record: error_rate
        expr: |
          100 * (
            (${failures('1m')} or 0 * ${requests('1m')}) / ${requests('1m')}
            or (${failures('150s')} or 0 * ${requests('150s')}) / ${requests('150s')}
          ) >= 0
`;

/** Requests per second by the bounds of their durations. */
function latencies(): string {
  const of = (range: string): string =>
    `sum by (job, le) (rate(http_server_request_duration_seconds_bucket[${range}]))`;
  return `(${of('1m')} or ${of('150s')})`;
}

/** Requests per second. */
function requests(range: string, by: string = 'job'): string {
  return `sum by (${by}) (rate(http_server_request_duration_seconds_count[${range}]))`;
}

/** Requests per second that failed; nothing where no request ever did. */
function failures(range: string): string {
  const matchers = 'http_response_status_code!~"[1-4][0-9][0-9]"';
  return `sum by (job) (rate(http_server_request_duration_seconds_count{${matchers}}[${range}]))`;
}

/**
 * The built-in group.
 *
 * @param overridden Names that rules of the user record: the built-in rules for them stand back.
 */
export function builtinGroup(intervalMs: number, overridden: ReadonlySet<string>): RuleGroup {
  const { groups, faults } = parseRuleFile(BUILTIN_RULES, BUILTIN_FILE, intervalMs);
  const [fault] = faults;
  const [group] = groups;
  if (fault !== undefined || group === undefined) {
    const reason = fault === undefined ? 'no group' : formatFault(BUILTIN_FILE, fault);
    throw new Error(`BUG: got built-in rules that are not valid: ${reason}; want one group`);
  }
  return { ...group, rules: group.rules.filter(({ name }) => !overridden.has(name)) };
}
