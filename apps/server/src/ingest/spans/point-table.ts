import type { Label } from '@hubpulse/model';
import { quote, Refusal } from '../refusal.ts';
import { type Measurement, OTHER, type SpanFamily } from './family.ts';
import { Point } from './point.ts';

/** How many label sets there may be. */
export interface PointLimits {
  /** Label sets of one job, all families together, before further ones are folded. */
  readonly perJob: number;
  /** Label sets of all jobs. */
  readonly inTotal: number;
}

/** Enough for hundreds of routes; a service with more has identifiers in its routes, or a name for each of its users. */
const DEFAULT_PER_JOB = 2000;

/** Label sets of all jobs: about 170,000 series, which is what may be written at one beat. */
const MAX_IN_TOTAL = 10_000;

/** The limits of a server. */
export function spanLimits(perJob: number = DEFAULT_PER_JOB): PointLimits {
  return { perJob, inTotal: MAX_IN_TOTAL };
}

/** Folded label sets that a job may have beside the others, as a share of its limit. */
const FOLDED_SHARE = 0.25;

/** Makes the refs of a new point. @throws Refusal when the store's limits allow no more series. */
export type MakeRefs = (
  place: Pick<Measurement, 'family' | 'labels'>,
  target: readonly Label[],
) => Uint32Array;

/** The points of one job, by family and key. */
interface Job {
  readonly points: Map<SpanFamily, Map<string, Point>>;
  size: number;
}

/** The points of all jobs, by family and labels. */
export class PointTable {
  readonly #limits: PointLimits;
  readonly #makeRefs: MakeRefs;
  readonly #jobs = new Map<string, Job>();
  /** The part of keys that the spans of a request share. */
  readonly #targetKeys = new WeakMap<readonly Label[], string>();
  #size = 0;
  #folded = 0;

  constructor({ limits, makeRefs }: { limits: PointLimits; makeRefs: MakeRefs }) {
    this.#limits = limits;
    this.#makeRefs = makeRefs;
  }

  /** Label sets in total. */
  get size(): number {
    return this.#size;
  }

  /** Measurements that were folded because their job had too many label sets. */
  get folded(): number {
    return this.#folded;
  }

  /**
   * The point of a measurement, known or new. Once its job has as many as it may have, a new label set is folded: its free
   * values become `_OTHER`.
   *
   * @throws Refusal `series_limit` when there is no room even for that; as `MakeRefs`
   */
  at(job: string, target: readonly Label[], measurement: Measurement): Point {
    const { family } = measurement;
    const exact = this.#find(job, target, measurement);
    if (exact !== undefined) return exact;
    if (this.#sizeOf(job) < this.#limits.perJob) return this.#add(job, target, measurement);
    const folded = { family, labels: foldLabels(measurement) };
    this.#folded++;
    const known = this.#find(job, target, folded);
    if (known !== undefined) return known;
    const most = this.#limits.perJob * (1 + FOLDED_SHARE);
    if (this.#sizeOf(job) >= most) {
      throw tooMany(`from ${quote(job)}, which has ${this.#sizeOf(job)}; want at most ${most}`);
    }
    return this.#add(job, target, folded);
  }

  /** The families that a job has points of. */
  families(): (readonly [job: string, family: SpanFamily])[] {
    return [...this.#jobs].flatMap(([job, { points }]) =>
      [...points.keys()].map((family) => [job, family] as const),
    );
  }

  pointsOf(job: string, family: SpanFamily): Iterable<Point> {
    return this.#jobs.get(job)?.points.get(family)?.values() ?? [];
  }

  /** All points. */
  *points(): Iterable<Point> {
    for (const { points } of this.#jobs.values()) {
      for (const byLabels of points.values()) yield* byLabels.values();
    }
  }

  /** Forgets points. */
  remove(gone: ReadonlySet<Point>): void {
    for (const [name, job] of this.#jobs) {
      for (const [family, byLabels] of job.points) {
        for (const [key, point] of byLabels) {
          if (!gone.has(point)) continue;
          byLabels.delete(key);
          job.size--;
          this.#size--;
        }
        if (byLabels.size === 0) job.points.delete(family);
      }
      if (job.points.size === 0) this.#jobs.delete(name);
    }
  }

  /** Two lists as JSON, one after the other: no two places have the same. */
  #keyOf(target: readonly Label[], { labels }: Place): string {
    let key = this.#targetKeys.get(target);
    if (key === undefined) this.#targetKeys.set(target, (key = JSON.stringify(target)));
    return key + JSON.stringify(labels);
  }

  #sizeOf(job: string): number {
    return this.#jobs.get(job)?.size ?? 0;
  }

  #find(job: string, target: readonly Label[], place: Place): Point | undefined {
    return this.#jobs.get(job)?.points.get(place.family)?.get(this.#keyOf(target, place));
  }

  #add(job: string, target: readonly Label[], place: Place): Point {
    const { inTotal } = this.#limits;
    if (this.#size >= inTotal) {
      throw tooMany(`on top of ${this.#size} of all services; want at most ${inTotal}`);
    }
    const point = new Point(place.family, this.#makeRefs(place, target));
    const held = getOrCreate(this.#jobs, job, () => ({ points: new Map(), size: 0 }));
    getOrCreate(held.points, place.family, () => new Map()).set(this.#keyOf(target, place), point);
    held.size++;
    this.#size++;
    return point;
  }
}

function tooMany(got: string): Refusal {
  return new Refusal(
    'series_limit',
    `got spans with a new label set ${got}; ` +
      'send fewer different routes, models and instances, or raise ingest_max_span_label_sets',
  );
}

type Place = Pick<Measurement, 'family' | 'labels'>;

function foldLabels({ family, labels }: Place): string[] {
  return family.dimensions.map(({ isKept }, i) => {
    const label = labels[i] ?? '';
    // What a span does not have it does not get, such as an error.
    return isKept || label === '' ? label : OTHER;
  });
}

function getOrCreate<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = create()));
  return value;
}
