import type { Attributes } from '../otlp/attribute.ts';
import { numberOf, textOf } from './label-value.ts';

/**
 * The tokens of one call as the newest conventions count them: `input` holds all tokens that went in, those from and to the
 * cache among them, and `output` all that came out, reasoning among them. What the sender does not say is left out.
 */
export interface TokenUsage {
  readonly input?: number;
  readonly output?: number;
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
  readonly reasoning?: number;
}

/** More tokens than any call has; a larger number is no count, and would spoil a counter for good. */
const MAX_TOKENS = 1e9;

/** Providers whose interface reports input without what came from the cache or went there. */
const ADDITIVE_PROVIDERS: ReadonlySet<string> = new Set(['anthropic', 'aws.bedrock']);

/** Names of the cache's share after the conventions, which count it as a part of the input. */
const PARTS = {
  read: 'gen_ai.usage.cache_read.input_tokens',
  write: ['gen_ai.usage.cache_write.input_tokens', 'gen_ai.usage.cache_creation.input_tokens'],
} as const;

/** Names that repeat the provider's own words. */
const RAW_PARTS = {
  read: 'gen_ai.usage.cache_read_input_tokens',
  write: ['gen_ai.usage.cache_creation_input_tokens', 'gen_ai.usage.cache_write_input_tokens'],
} as const;

/** Reads the tokens of a call under any generation of names, and those of OpenInference and OpenLLMetry. */
export function tokenUsageOf(attributes: Attributes, provider: string): TokenUsage {
  const tokens = (...names: readonly string[]): number | undefined => {
    const count = numberOf(attributes, ...names);
    return count === undefined || count > MAX_TOKENS ? undefined : count;
  };
  const input = tokens(
    'gen_ai.usage.input_tokens',
    'gen_ai.usage.prompt_tokens',
    'llm.usage.prompt_tokens',
    'llm.token_count.prompt',
  );
  const output = tokens(
    'gen_ai.usage.output_tokens',
    'gen_ai.usage.completion_tokens',
    'llm.usage.completion_tokens',
    'llm.token_count.completion',
  );
  const cacheRead = tokens(PARTS.read, RAW_PARTS.read, 'llm.token_count.prompt_details.cache_read');
  const cacheWrite = tokens(
    ...PARTS.write,
    ...RAW_PARTS.write,
    'llm.token_count.prompt_details.cache_write',
  );
  const reasoning = tokens(
    'gen_ai.usage.reasoning.output_tokens',
    'gen_ai.usage.reasoning_tokens',
    'llm.token_count.completion_details.reasoning',
  );
  return present({
    input: withParts(
      input,
      (cacheRead ?? 0) + (cacheWrite ?? 0),
      isWithoutCache(attributes, provider),
    ),
    output: withParts(output, reasoning ?? 0, false),
    cacheRead,
    cacheWrite,
    reasoning,
  });
}

/**
 * A total that holds its parts. A part that is larger than the total proves that it does not; otherwise the sender's
 * names decide.
 */
function withParts(
  total: number | undefined,
  parts: number,
  isAdditive: boolean,
): number | undefined {
  if (total === undefined) return undefined;
  return isAdditive || parts > total ? total + parts : total;
}

/**
 * Whether the input is without the cache's share: with providers that report so, when the sender passes their own names on.
 * OpenLLMetry uses those names too, and adds the share itself.
 */
function isWithoutCache(attributes: Attributes, provider: string): boolean {
  if (!ADDITIVE_PROVIDERS.has(provider)) return false;
  if (textOf(attributes, PARTS.read, ...PARTS.write) !== '') return false;
  const isOpenLlmetry =
    attributes.has('llm.request.type') || attributes.has('llm.usage.total_tokens');
  return !isOpenLlmetry && textOf(attributes, RAW_PARTS.read, ...RAW_PARTS.write) !== '';
}

function present(usage: { readonly [Key in keyof TokenUsage]: number | undefined }): TokenUsage {
  return Object.fromEntries(Object.entries(usage).filter(([, count]) => count !== undefined));
}

/** Tokens by what they stand for: `gen_ai.token.modality`. */
export type Modalities = ReadonlyMap<string, number>;

/** The modalities that the conventions' counters know; all others are `unknown`. */
const MODALITIES = ['text', 'image', 'audio'] as const;

/**
 * Divides a total among the modalities that the sender counts; the rest is `unknown`. Where these come to more than
 * the total they are no parts of it, and all of it is `unknown`.
 */
export function modalitiesOf(
  attributes: Attributes,
  direction: 'input' | 'output',
  total: number,
): Modalities {
  const parts = new Map<string, number>();
  for (const modality of MODALITIES) {
    const count = numberOf(attributes, `gen_ai.usage.${modality}.${direction}_tokens`);
    if (count !== undefined) parts.set(modality, count);
  }
  const known = [...parts.values()].reduce((sum, count) => sum + count, 0);
  if (known > total) return new Map([['unknown', total]]);
  if (known < total || parts.size === 0) parts.set('unknown', total - known);
  return parts;
}
