import type { CommandId } from '../keyboard/command.ts';
import type { TextKey } from '../i18n/dictionary.ts';

/** What the server offers beside the dashboard; each opens in a tab of its own. */
export const ENDPOINT_LINKS: readonly {
  readonly id: CommandId & TextKey;
  readonly path: string;
}[] = [
  { id: 'apiDescription', path: '/api/v1/openapi.json' },
  { id: 'ownMetrics', path: '/metrics' },
  { id: 'health', path: '/healthz' },
  { id: 'readiness', path: '/readyz' },
];
