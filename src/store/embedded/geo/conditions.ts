import { isDoc, toNumber, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import { geometriesIn, geometryOf, pairOf, type Geometry, type Position } from './geometry.js';
import { isInBox, isInPolygon, planeDistance } from './plane.js';
import { distanceTo, doIntersect, EARTH_RADIUS_METERS, isInCap, isWithin } from './sphere.js';

/** A condition on all the values a path reaches. */
type PathTest = (values: readonly unknown[]) => boolean;

const bad = (message: string): never => {
  throw new MongoCommandError(2, message);
};

const some =
  (test: (geometry: Geometry) => boolean): PathTest =>
  (values) =>
    geometriesIn(values).some(test);

const somePoint = (test: (at: Position) => boolean): PathTest =>
  some((geometry) => geometry.type === 'point' && test(geometry.at));

const pairsIn = (value: unknown, least: number): Position[] => {
  const list = Array.isArray(value) ? (value as unknown[]) : isDoc(value) ? Object.values(value) : [];
  const pairs = list.map((item) => pairOf(item) ?? bad('Point must only contain numeric elements'));
  return pairs.length >= least ? pairs : bad(`a shape needs at least ${least} points`);
};

function circleOf(value: unknown): { center: Position; radius: number } {
  const [first, second] = Array.isArray(value) ? (value as unknown[]) : [];
  const [center, radius] = [pairOf(first), toNumber(second)];
  if (!center || radius === undefined || radius < 0) return bad('a circle needs a center and a radius');
  return { center, radius };
}

const STRICT_WINDING = 'urn:x-mongodb:crs:strictwinding:EPSG:4326';

/** Throws `MongoCommandError` 2 for what is no GeoJSON object, 115 for a polygon larger than a hemisphere. */
function shapeOf(value: unknown): Geometry {
  const crs = isDoc(value) && isDoc(value.crs) ? value.crs.properties : undefined;
  if (isDoc(crs) && crs.name === STRICT_WINDING)
    throw new MongoCommandError(115, `${STRICT_WINDING} is not supported by the embedded store`);
  const geometry = isDoc(value) ? geometryOf(value) : undefined;
  return geometry ?? bad('unknown or invalid GeoJSON in a geospatial query');
}

/** `$geoWithin` and its older name `$within`: entirely inside a shape. */
export function geoWithin(operand: unknown): PathTest {
  const [[name, shape] = ['', undefined], ...more] = isDoc(operand) ? Object.entries(operand) : [];
  if (more.length > 0) return bad(`$geoWithin takes one shape, not ${more.length + 1}`);
  switch (name) {
    case '$geometry': {
      const area = shapeOf(shape);
      if (area.type === 'point' || area.type === 'line')
        return bad('$geoWithin needs a Polygon or MultiPolygon');
      return some((geometry) => isWithin(geometry, area));
    }
    case '$box': {
      const [a = [0, 0], b = [0, 0]] = pairsIn(shape, 2);
      return somePoint((at) => isInBox(at, a, b));
    }
    case '$polygon': {
      const corners = pairsIn(shape, 3);
      return somePoint((at) => isInPolygon(at, corners));
    }
    case '$center': {
      const { center, radius } = circleOf(shape);
      return somePoint((at) => planeDistance(at, center) <= radius);
    }
    case '$centerSphere': {
      const { center, radius } = circleOf(shape);
      return some((geometry) => isInCap(geometry, center, radius));
    }
    default:
      return bad(`unknown geo specifier: ${name}`);
  }
}

export function geoIntersects(operand: unknown): PathTest {
  if (!isDoc(operand) || !('$geometry' in operand)) return bad('$geoIntersects needs a $geometry');
  const shape = shapeOf(operand.$geometry);
  return some((geometry) => doIntersect(geometry, shape));
}

/** What `$near` and `$nearSphere` ask for. */
export interface Near {
  /** Types of indexes that can answer it. */
  readonly indexTypes: readonly string[];
  /** The distance of the nearest of these values; `undefined` if none is in range. */
  distance(values: readonly unknown[]): number | undefined;
}

/** The options that stand beside `$near` with a coordinate pair. */
export const DISTANCES: ReadonlySet<string> = new Set(['$maxDistance', '$minDistance']);

/** Distances are in meters from a GeoJSON point, in radians for `$nearSphere` with a pair, else in its units. */
export function nearOf(name: '$near' | '$nearSphere', siblings: Doc): Near {
  const operand = siblings[name];
  if (isDoc(operand) && '$geometry' in operand) return fromPoint(operand.$geometry, operand);
  if (isDoc(operand) && typeof operand.type === 'string') return fromPoint(operand, siblings);
  const center = pairOf(operand) ?? bad(`invalid point in geo near query: ${name}`);
  const third = Array.isArray(operand) ? toNumber(operand[2]) : undefined;
  const limits = limitsOf(third === undefined ? siblings : { $maxDistance: third, ...siblings });
  if (name === '$near')
    return { indexTypes: ['2d'], distance: (values) => nearest(values, inPlane(center), limits) };
  return {
    indexTypes: ['2d', '2dsphere'],
    distance: (values) => nearest(values, (geometry) => distanceTo(geometry, center), limits),
  };
}

function fromPoint(point: unknown, options: Doc): Near {
  const center = shapeOf(point);
  if (center.type !== 'point') return bad('$near requires a point');
  const limits = limitsOf(options);
  return {
    indexTypes: ['2dsphere'],
    distance: (values) =>
      nearest(values, (geometry) => distanceTo(geometry, center.at) * EARTH_RADIUS_METERS, limits),
  };
}

const inPlane =
  (center: Position) =>
  (geometry: Geometry): number | undefined =>
    geometry.type === 'point' ? planeDistance(geometry.at, center) : undefined;

interface Limits {
  readonly least: number;
  readonly most: number;
}

function limitsOf({ $minDistance, $maxDistance }: Doc): Limits {
  const read = (value: unknown, fallback: number): number => {
    if (value === undefined) return fallback;
    const number = toNumber(value);
    return number !== undefined && number >= 0 ? number : bad('a distance must be a non-negative number');
  };
  return { least: read($minDistance, 0), most: read($maxDistance, Infinity) };
}

function nearest(
  values: readonly unknown[],
  measure: (geometry: Geometry) => number | undefined,
  { least, most }: Limits,
): number | undefined {
  let best: number | undefined;
  for (const geometry of geometriesIn(values)) {
    const distance = measure(geometry);
    const isFit = distance !== undefined && distance >= least && distance <= most;
    if (isFit && (best === undefined || distance < best)) best = distance;
  }
  return best;
}
