import type { Attributes } from '../otlp/attribute.ts';
import { OTHER } from './family.ts';
import { textOf } from './label-value.ts';

/** Who was asked for what: the labels of a model call. */
export interface ModelCall {
  readonly operation: string;
  readonly provider: string;
  readonly requestModel: string;
  readonly responseModel: string;
}

/** Operations around model calls. The calls inside of them have spans of their own, so counting these counts twice. */
const OUTER_OPERATIONS: ReadonlySet<string> = new Set([
  ...['create_agent', 'execute_tool', 'invoke_agent', 'invoke_workflow', 'plan'],
  ...['create_memory', 'delete_memory', 'search_memory', 'update_memory', 'upsert_memory'],
]);

/** Operations that are one call of a model. */
const CALLS: ReadonlySet<string> = new Set([
  ...['chat', 'embeddings', 'fetch_response', 'generate_content', 'retrieval', 'text_completion'],
]);

/** Operations by the names of others: `llm.request.type` of OpenLLMetry, `openinference.span.kind` of OpenInference. */
const OPERATIONS: ReadonlyMap<string, string> = new Map([
  ['completion', 'text_completion'],
  ['embedding', 'embeddings'],
  ['EMBEDDING', 'embeddings'],
  ['LLM', 'chat'],
]);

/** Kinds of OpenInference's spans that are one call of a model; the others are around them. */
const OPENINFERENCE_CALLS: ReadonlySet<string> = new Set(['LLM', 'EMBEDDING']);

/** Providers by older names, in lower case: `gen_ai.system` before it became `gen_ai.provider.name`, and the AI SDK's. */
const PROVIDERS: ReadonlyMap<string, string> = new Map([
  ['anthropic.messages', 'anthropic'],
  ['az.ai.inference', 'azure.ai.inference'],
  ['az.ai.openai', 'azure.ai.openai'],
  ['gemini', 'gcp.gemini'],
  ['openai.chat', 'openai'],
  ['openai.responses', 'openai'],
  ['vertex_ai', 'gcp.vertex_ai'],
  ['xai', 'x_ai'],
]);

/** The model call that a span is, by any generation of names; `undefined` for a span that is none. */
export function modelCallOf(attributes: Attributes): ModelCall | undefined {
  const kind = textOf(attributes, 'openinference.span.kind');
  const named = textOf(attributes, 'gen_ai.operation.name', 'llm.request.type');
  const operation = operationOf(named === '' && OPENINFERENCE_CALLS.has(kind) ? kind : named);
  if (OUTER_OPERATIONS.has(operation)) return undefined;
  const provider = textOf(
    attributes,
    'gen_ai.provider.name',
    'gen_ai.system',
    ...vendorNames(kind),
  );
  const requestModel = textOf(
    attributes,
    'gen_ai.request.model',
    'llm.request.model_name',
    'llm.model_name',
  );
  const responseModel = textOf(attributes, 'gen_ai.response.model', 'llm.response.model_name');
  // Spans around a call may name its provider; a call names its model or says that it is one.
  const hasModel = requestModel !== '' || responseModel !== '';
  const isNamed = operation !== '' || provider !== '';
  if (!CALLS.has(operation) && !(hasModel && isNamed)) return undefined;
  return {
    operation: operation || OTHER,
    provider: providerOf(provider),
    requestModel,
    responseModel,
  };
}

const operationOf = (name: string): string => OPERATIONS.get(name) ?? name;

/** `llm.system` means something else in the spans of others. */
function vendorNames(kind: string): readonly string[] {
  return OPENINFERENCE_CALLS.has(kind) ? ['llm.provider', 'llm.system'] : [];
}

function providerOf(name: string): string {
  if (name === OTHER) return name;
  const lower = name.toLowerCase();
  return PROVIDERS.get(lower) ?? lower;
}
