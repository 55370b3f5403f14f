export { parseDuration, printDuration } from './duration.ts';
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
export {
  compileGroups,
  compilePattern,
  type GroupPattern,
  translateMatcher,
} from './pattern/pattern.ts';
export { PatternError } from './pattern/pattern-error.ts';
export { expandReplacement } from './pattern/replacement.ts';
export {
  MAX_TIME_MS,
  type Sample,
  type SampleBatch,
  type RollupColumns,
  type SeriesColumns,
  type SeriesRef,
} from './sample.ts';
export { STALE_BITS, STALE_HIGH_BITS, STALE_LOW_BITS } from './stale-marker.ts';
