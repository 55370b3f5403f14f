import type { SyntaxNode } from '@lezer/common';
import type { Expr } from './ast.ts';
import type { SourceText } from './source-text.ts';

/** Converts a query's nodes to expressions. */
export interface Converter {
  readonly source: SourceText;
  /** Converts an expression inside of another one. */
  convert(node: SyntaxNode): Expr;
}
