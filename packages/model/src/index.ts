export {
  createLabels,
  escapeLabelValue,
  formatLabels,
  type Label,
  type Labels,
  labelsKey,
  labelValue,
  METRIC_NAME,
} from './labels.ts';
export { compileMatcher, type Matcher, type MatcherOp } from './matcher.ts';
export type { Sample, SampleBatch, SeriesColumns, SeriesRef } from './sample.ts';
