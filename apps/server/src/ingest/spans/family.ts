/** A label of a family, and whether a label set that is one too many keeps it. */
export interface Dimension {
  readonly label: string;
  /**
   * Kept values are few by nature (a list of ours, status codes). All others become `_OTHER` once a service has too many
   * label sets.
   */
  readonly isKept: boolean;
}

/** A metric that is made of spans, under its Prometheus name. */
export interface SpanFamily {
  /** Without `_bucket`, `_sum`, `_count`; a counter's ends in `_total`. */
  readonly name: string;
  /** What it measures, for people. */
  readonly help: string;
  /** Upper bounds of the buckets, ascending, without infinity; a counter has none. */
  readonly bounds?: readonly number[];
  readonly dimensions: readonly Dimension[];
}

/** What a span measures of one family: mostly one value, such as its duration. */
export interface Measurement {
  readonly family: SpanFamily;
  /** A value for each of the family's dimensions, in their order; empty for a label that is left out. */
  readonly labels: readonly string[];
  /** What is observed, or what a counter grows by; finite and 0 or more. */
  readonly values: readonly number[];
}

/** Stands for every value that is not told apart. */
export const OTHER = '_OTHER';

const kept = (label: string): Dimension => ({ label, isKept: true });
const free = (label: string): Dimension => ({ label, isKept: false });

/** Bounds as the semantic conventions advise them, in seconds and tokens. */
const HTTP_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const DB_SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];
const GEN_AI_SECONDS = [
  ...[0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28],
  ...[2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
];
const FIRST_TOKEN_SECONDS = [
  ...[0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1],
  ...[0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
];
/** Powers of four from 1 to 4^13. */
const TOKENS = Array.from({ length: 14 }, (_, power) => 4 ** power);

const MODEL = [
  free('gen_ai_operation_name'),
  free('gen_ai_provider_name'),
  free('gen_ai_request_model'),
  free('gen_ai_response_model'),
];

/** A family with the labels of a model call, and more. */
const modelFamily = (
  family: Omit<SpanFamily, 'dimensions'>,
  ...more: readonly Dimension[]
): SpanFamily => ({ ...family, dimensions: [...MODEL, ...more] });

const tokenCounter = (what: string, help: string, ...more: readonly Dimension[]): SpanFamily =>
  modelFamily({ name: `gen_ai_client_inference_usage_${what}_tokens_total`, help }, ...more);

/** The families that spans become. */
export const FAMILIES = {
  httpServer: {
    name: 'http_server_request_duration_seconds',
    help: 'Duration of HTTP requests, as their server saw them.',
    bounds: HTTP_SECONDS,
    dimensions: [
      free('http_request_method'),
      kept('http_response_status_code'),
      free('http_route'),
      free('url_scheme'),
      free('error_type'),
    ],
  },
  dbClient: {
    name: 'db_client_operation_duration_seconds',
    help: 'Duration of database operations, as their client saw them.',
    bounds: DB_SECONDS,
    dimensions: [
      free('db_system_name'),
      free('db_namespace'),
      free('db_operation_name'),
      free('db_collection_name'),
      free('error_type'),
    ],
  },
  genAiDuration: modelFamily(
    {
      name: 'gen_ai_client_operation_duration_seconds',
      help: 'Duration of model calls, as their client saw them.',
      bounds: GEN_AI_SECONDS,
    },
    free('error_type'),
  ),
  genAiFirstChunk: modelFamily({
    name: 'gen_ai_client_operation_time_to_first_chunk_seconds',
    help: "Time from a model call to the first chunk of its answer, as the call's client saw it.",
    bounds: GEN_AI_SECONDS,
  }),
  genAiPerChunk: modelFamily({
    name: 'gen_ai_client_operation_time_per_output_chunk_seconds',
    help: "Time from one chunk of a model's answer to the next, as the call's client saw it.",
    bounds: GEN_AI_SECONDS,
  }),
  genAiServerDuration: modelFamily(
    {
      name: 'gen_ai_server_request_duration_seconds',
      help: "Duration of model calls, as the model's server saw them.",
      bounds: GEN_AI_SECONDS,
    },
    free('error_type'),
  ),
  genAiServerFirstToken: modelFamily({
    name: 'gen_ai_server_time_to_first_token_seconds',
    help: "Time from a model call to the first token of its answer, as the model's server saw it.",
    bounds: FIRST_TOKEN_SECONDS,
  }),
  genAiTokens: modelFamily(
    {
      name: 'gen_ai_client_token_usage',
      help: 'Tokens of model calls: those that went in, and those that came out.',
      bounds: TOKENS,
    },
    kept('gen_ai_token_type'),
  ),
  genAiInput: tokenCounter(
    'input',
    'Tokens that went into model calls, those from and to the cache among them.',
    kept('gen_ai_token_modality'),
  ),
  genAiOutput: tokenCounter(
    'output',
    'Tokens that came out of model calls, those of reasoning among them.',
    kept('gen_ai_token_modality'),
  ),
  genAiCacheRead: tokenCounter(
    'cache_read_input',
    'Input tokens of model calls that came from the cache.',
  ),
  genAiCacheWrite: tokenCounter(
    'cache_write_input',
    'Input tokens of model calls that went to the cache.',
  ),
  genAiReasoning: tokenCounter(
    'reasoning_output',
    'Output tokens of model calls that were spent on reasoning.',
  ),
} as const satisfies Record<string, SpanFamily>;
