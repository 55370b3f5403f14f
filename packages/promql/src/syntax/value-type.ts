/** The four types of values that PromQL has. */
export type ValueType = 'scalar' | 'vector' | 'matrix' | 'string';
