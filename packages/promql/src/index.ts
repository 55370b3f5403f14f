export { MAX_SAMPLES } from './engine/budget.ts';
export { PromqlError, type PromqlErrorCode } from './errors.ts';
export { evaluateInstant, evaluateRange } from './query.ts';
export type { InstantOptions, QueryOptions, RangeOptions } from './query-options.ts';
export type {
  InstantResult,
  MatrixSeries,
  Notes,
  QueryStats,
  RangeResult,
  VectorSample,
} from './result.ts';
export { parseSelector } from './selector.ts';
export {
  type BucketEffect,
  type PlanOptions,
  planSelections,
  type SelectionPlan,
} from './selection-plan.ts';
export type { BucketColumns, SeriesSelection, SeriesSource, SourceSeries } from './source.ts';
export type { Expr, Position } from './syntax/ast.ts';
export type { ValueType } from './syntax/value-type.ts';
export { childrenOf, typeOf } from './syntax/ast.ts';
export { format, formatLine } from './syntax/format.ts';
export { functionNames } from './syntax/function-signature.ts';
export { MAX_QUERY_LENGTH, parse } from './syntax/parse.ts';
export { rewrite } from './syntax/rewrite.ts';
