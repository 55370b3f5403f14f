import { describe, expect, test } from 'vitest';
import { measured } from './span.test-maker.ts';

describe('a span of a server that answered a request', () => {
  const answered = (attributes: Record<string, string | number>, isError = false): string[] =>
    measured(attributes, { kind: 'SERVER', isError });

  test('is measured with the names of today', () => {
    expect(
      answered({
        'http.request.method': 'GET',
        'http.response.status_code': 200,
        'http.route': '/users/:id',
        'url.scheme': 'https',
        'url.path': '/users/17',
        'url.query': 'token=secret',
      }),
    ).toEqual([
      'http_server_request_duration_seconds{http_request_method="GET",http_response_status_code="200",' +
        'http_route="/users/:id",url_scheme="https"} 0.25',
    ]);
  });

  test('is measured with the names of before', () => {
    expect(
      answered({
        'http.method': 'POST',
        'http.status_code': 503,
        'http.route': '/pay',
        'http.scheme': 'http',
        'http.target': '/pay?card=1',
      }),
    ).toEqual([
      'http_server_request_duration_seconds{http_request_method="POST",http_response_status_code="503",' +
        'http_route="/pay",url_scheme="http",error_type="503"} 0.25',
    ]);
  });

  test.each([
    [{ 'http.method': 'BREW' }, 'http_request_method="_OTHER"'],
    [{ 'http.method': 'GET', 'http.status_code': 42 }, 'http_response_status_code="_OTHER"'],
    [{ 'http.method': 'GET', 'http.status_code': '404' }, 'http_response_status_code="404"'],
    [{ 'http.method': 'GET', 'url.scheme': 'gopher' }, 'url_scheme="_OTHER"'],
    [{ 'http.method': 'GET', 'http.route': 'x'.repeat(201) }, 'http_route="_OTHER"'],
    [{ 'http.method': 'GET', 'http.route': '\ud800' }, 'http_route="_OTHER"'],
    [{ 'http.method': 'GET', 'error.type': 'timeout' }, 'error_type="timeout"'],
  ])('%j gives %s', (attributes, expected) => {
    expect(answered(attributes).join()).toContain(expected);
  });

  test('is an error of an unknown type when it only says that it failed', () => {
    expect(answered({ 'http.method': 'GET' }, true).join()).toContain('error_type="_OTHER"');
  });

  test('is not measured without a method, nor as the span of a client', () => {
    expect(answered({ 'http.route': '/' })).toEqual([]);
    expect(measured({ 'http.request.method': 'GET' }, { kind: 'CLIENT' })).toEqual([]);
    expect(measured({ 'http.request.method': 'GET' }, { kind: 'INTERNAL' })).toEqual([]);
  });
});

describe("a span of a database's client", () => {
  test('is measured with the names of today', () => {
    expect(
      measured({
        'db.system.name': 'postgresql',
        'db.namespace': 'shop',
        'db.operation.name': 'SELECT',
        'db.collection.name': 'orders',
        'db.query.text': 'SELECT secret FROM orders',
      }),
    ).toEqual([
      'db_client_operation_duration_seconds{db_system_name="postgresql",db_namespace="shop",' +
        'db_operation_name="SELECT",db_collection_name="orders"} 0.25',
    ]);
  });

  test('is measured with the names of before', () => {
    expect(
      measured({
        'db.system': 'mssql',
        'db.name': 'shop',
        'db.operation': 'select',
        'db.sql.table': 'orders',
      }),
    ).toEqual([
      'db_client_operation_duration_seconds{db_system_name="microsoft.sql_server",db_namespace="shop",' +
        'db_operation_name="select",db_collection_name="orders"} 0.25',
    ]);
  });

  test.each([
    [{ 'db.statement': ' select * from users' }, 'db_operation_name="SELECT"'],
    [{ 'db.query.text': 'INSERT INTO t VALUES (1)' }, 'db_operation_name="INSERT"'],
    [{ 'db.query.summary': 'UPDATE users' }, 'db_operation_name="UPDATE"'],
    [{ 'db.query.summary': 'hunter2', 'db.statement': 'COMMIT' }, 'db_operation_name="COMMIT"'],
  ])('takes the verb of %j', (attributes, expected) => {
    expect(measured({ 'db.system': 'mysql', ...attributes }).join()).toContain(expected);
  });

  test('takes no other word of a statement', () => {
    expect(measured({ 'db.system': 'redis', 'db.statement': 'hunter2 x' })).toEqual([
      'db_client_operation_duration_seconds{db_system_name="redis"} 0.25',
    ]);
  });

  test.each([
    [{ 'error.type': '40P01' }, true, 'error_type="40P01"'],
    [{ 'db.response.status_code': '40P01' }, true, 'error_type="40P01"'],
    [{}, true, 'error_type="_OTHER"'],
  ])('that failed with %j says so', (attributes, isError, expected) => {
    const span = { 'db.system': 'mysql', 'db.operation': 'COMMIT', ...attributes };
    expect(measured(span, { isError }).join()).toContain(expected);
  });

  test('that succeeded with a code is no error', () => {
    const span = { 'db.system': 'mysql', 'db.operation': 'x', 'db.response.status_code': '00000' };
    expect(measured(span).join()).not.toContain('error_type');
  });

  test('is not measured when it opened a connection, nor on the side of the server', () => {
    expect(measured({ 'db.system': 'postgresql', 'db.name': 'shop' })).toEqual([]);
    const operation = { 'db.system': 'postgresql', 'db.operation': 'SELECT' };
    expect(measured(operation, { kind: 'SERVER' })).toEqual([]);
    expect(measured(operation, { kind: 'INTERNAL' })).toHaveLength(1);
  });
});

describe('a span of a model call', () => {
  const MODEL =
    'gen_ai_operation_name="chat",gen_ai_provider_name="openai",gen_ai_request_model="gpt-4o"';

  const EXPECTED = [
    `gen_ai_client_operation_duration_seconds{${MODEL}} 0.25`,
    `gen_ai_client_token_usage{${MODEL},gen_ai_token_type="input"} 100`,
    `gen_ai_client_inference_usage_input_tokens_total{${MODEL},gen_ai_token_modality="unknown"} 100`,
    `gen_ai_client_token_usage{${MODEL},gen_ai_token_type="output"} 20`,
    `gen_ai_client_inference_usage_output_tokens_total{${MODEL},gen_ai_token_modality="unknown"} 20`,
  ];

  test('is measured with the first names', () => {
    expect(
      measured({
        'gen_ai.system': 'openai',
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': 'gpt-4o',
        'gen_ai.usage.prompt_tokens': 100,
        'gen_ai.usage.completion_tokens': 20,
        'gen_ai.prompt': 'the secret',
      }),
    ).toEqual(EXPECTED);
  });

  test('is measured with the second names', () => {
    expect(
      measured({
        'gen_ai.system': 'openai',
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': 'gpt-4o',
        'gen_ai.usage.input_tokens': 100,
        'gen_ai.usage.output_tokens': 20,
      }),
    ).toEqual(EXPECTED);
  });

  test('is measured with the newest names', () => {
    expect(
      measured({
        'gen_ai.provider.name': 'openai',
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': 'gpt-4o',
        'gen_ai.usage.input_tokens': 100,
        'gen_ai.usage.cache_read.input_tokens': 64,
        'gen_ai.usage.cache_creation.input_tokens': 8,
        'gen_ai.usage.output_tokens': 20,
        'gen_ai.usage.reasoning.output_tokens': 12,
        'gen_ai.response.time_to_first_chunk': 0.125,
        'gen_ai.input.messages': '[{"role":"user"}]',
      }),
    ).toEqual([
      EXPECTED[0],
      `gen_ai_client_operation_time_to_first_chunk_seconds{${MODEL}} 0.125`,
      ...EXPECTED.slice(1),
      `gen_ai_client_inference_usage_cache_read_input_tokens_total{${MODEL}} 64`,
      `gen_ai_client_inference_usage_cache_write_input_tokens_total{${MODEL}} 8`,
      `gen_ai_client_inference_usage_reasoning_output_tokens_total{${MODEL}} 12`,
    ]);
  });

  test('is measured with the names of OpenInference', () => {
    const span = {
      'openinference.span.kind': 'LLM',
      'llm.provider': 'openai',
      'llm.model_name': 'gpt-4o',
      'llm.token_count.prompt': 100,
      'llm.token_count.completion': 20,
    };
    expect(measured(span, { kind: 'INTERNAL' })).toEqual(EXPECTED);
    expect(measured({ ...span, 'openinference.span.kind': 'CHAIN' })).toEqual([]);
  });

  test('is measured with the names of OpenLLMetry, chunk by chunk', () => {
    const span = {
      'gen_ai.system': 'OpenAI',
      'llm.request.type': 'chat',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.usage.prompt_tokens': 100,
      'gen_ai.usage.completion_tokens': 20,
    };
    expect(measured(span, { chunkSeconds: [0.125, 0.1875, 0.25] })).toEqual([
      EXPECTED[0],
      `gen_ai_client_operation_time_to_first_chunk_seconds{${MODEL}} 0.125`,
      `gen_ai_client_operation_time_per_output_chunk_seconds{${MODEL}} 0.0625`,
      `gen_ai_client_operation_time_per_output_chunk_seconds{${MODEL}} 0.0625`,
      ...EXPECTED.slice(1),
    ]);
  });

  test('says nothing of chunks when events were left out', () => {
    const span = { 'gen_ai.operation.name': 'chat' };
    expect(measured(span, { chunkSeconds: [0.1, 0.2], lacksEvents: true })).toHaveLength(1);
  });

  test.each([
    [{ 'ai.response.msToFirstChunk': 500 }, ' 0.5'],
    [{ 'ai.stream.msToFirstChunk': '250.5' }, ' 0.2505'],
    [{ 'gen_ai.response.time_to_first_chunk': 2, 'ai.response.msToFirstChunk': 3 }, ' 2'],
  ])('takes the time to the first chunk from %j', (attributes, expected) => {
    const [, first] = measured({ 'gen_ai.operation.name': 'chat', ...attributes });
    expect(first).toContain('time_to_first_chunk_seconds');
    expect(first).toMatch(new RegExp(`${expected}$`));
  });

  test.each([[-1], [Number.NaN], [Number.POSITIVE_INFINITY], ['soon'], [86_401], [['a']]])(
    'believes no time of %j',
    (value) => {
      const span = {
        'gen_ai.operation.name': 'chat',
        'gen_ai.response.time_to_first_chunk': value,
      };
      expect(measured(span)).toHaveLength(1);
    },
  );

  test.each(['execute_tool', 'invoke_agent', 'create_agent', 'invoke_workflow'])(
    'is not one around it: %s',
    (operation) => {
      const span = {
        'gen_ai.operation.name': operation,
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-4o',
        'gen_ai.usage.input_tokens': 100,
      };
      expect(measured(span)).toEqual([]);
    },
  );

  test('reports no tokens for a response that is fetched again', () => {
    const span = { 'gen_ai.operation.name': 'fetch_response', 'gen_ai.usage.input_tokens': 100 };
    expect(measured(span)).toEqual([
      'gen_ai_client_operation_duration_seconds{gen_ai_operation_name="fetch_response"} 0.25',
    ]);
  });

  test("is measured apart, and without tokens, by the model's server", () => {
    const span = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.usage.input_tokens': 100,
      'gen_ai.response.time_to_first_chunk': 0.125,
    };
    expect(measured(span, { kind: 'SERVER' })).toEqual([
      'gen_ai_server_request_duration_seconds{gen_ai_operation_name="chat"} 0.25',
      'gen_ai_server_time_to_first_token_seconds{gen_ai_operation_name="chat"} 0.125',
    ]);
    expect(measured(span, { kind: 'PRODUCER' })).toEqual([]);
  });

  test('that names no operation has one that is not known, if it names a model', () => {
    const named = { 'gen_ai.system': 'xai', 'gen_ai.response.model': 'grok' };
    expect(measured(named)).toEqual([
      'gen_ai_client_operation_duration_seconds{gen_ai_operation_name="_OTHER",' +
        'gen_ai_provider_name="x_ai",gen_ai_response_model="grok"} 0.25',
    ]);
    expect(measured({ 'gen_ai.system': 'openai' })).toEqual([]);
    expect(measured({ 'gen_ai.system': 'openai', 'gen_ai.operation.name': 'mine' })).toEqual([]);
    const own = { 'gen_ai.operation.name': 'mine', 'gen_ai.request.model': 'm' };
    expect(measured(own).join()).toContain('gen_ai_operation_name="mine"');
  });

  test.each([
    ['az.ai.openai', 'azure.ai.openai'],
    ['vertex_ai', 'gcp.vertex_ai'],
    ['Anthropic', 'anthropic'],
    ['openai.chat', 'openai'],
    ['of-my-own', 'of-my-own'],
  ])('gives the provider %s its newest name, %s', (system, provider) => {
    const span = { 'gen_ai.operation.name': 'chat', 'gen_ai.system': system };
    expect(measured(span).join()).toContain(`gen_ai_provider_name="${provider}"`);
  });

  test('that failed says so', () => {
    const span = { 'gen_ai.operation.name': 'chat', 'error.type': 'rate_limit' };
    expect(measured(span).join()).toContain('error_type="rate_limit"');
    const untold = { 'gen_ai.operation.name': 'chat' };
    expect(measured(untold, { isError: true }).join()).toContain('error_type="_OTHER"');
  });
});

test('a span of anything else measures nothing', () => {
  expect(measured({ 'messaging.system': 'kafka', 'url.path': '/secret' })).toEqual([]);
});
