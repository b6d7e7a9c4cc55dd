import type { Geometry, Position } from './geometry.js';

/** The radius with which MongoDB converts angles to meters. */
export const EARTH_RADIUS_METERS = 6_378_100;
/** Angles below this are rounding errors, in radians: less than a tenth of a millimeter. */
const PRECISION = 1e-11;

type Vector = readonly [number, number, number];

function vectorOf([longitude, latitude]: Position): Vector {
  const [lambda, phi] = [(longitude * Math.PI) / 180, (latitude * Math.PI) / 180];
  return [Math.cos(phi) * Math.cos(lambda), Math.cos(phi) * Math.sin(lambda), Math.sin(phi)];
}

const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

const length = (a: Vector): number => Math.sqrt(dot(a, a));
const scaled = (a: Vector, factor: number): Vector => [a[0] * factor, a[1] * factor, a[2] * factor];
const angle = (a: Vector, b: Vector): number => Math.atan2(length(cross(a, b)), dot(a, b));

/** The angle between two positions, seen from the center of the earth, in radians. */
export const sphereDistance = (a: Position, b: Position): number => angle(vectorOf(a), vectorOf(b));

type Edge = readonly [Vector, Vector];

const edgesOf = (positions: readonly Position[]): Edge[] => {
  const vectors = positions.map(vectorOf);
  return vectors.slice(1).map((to, index): Edge => [vectors[index] ?? to, to]);
};

const isOnEdge = (point: Vector, [a, b]: Edge): boolean =>
  Math.abs(angle(a, point) + angle(point, b) - angle(a, b)) < PRECISION;

/** The shortest way from a point to a great-circle edge, in radians. */
function distanceToEdge(point: Vector, [a, b]: Edge): number {
  const normal = cross(a, b);
  const size = length(normal);
  const ends = Math.min(angle(point, a), angle(point, b));
  if (size < PRECISION) return ends;
  const unit = scaled(normal, 1 / size);
  const above = dot(point, unit);
  const foot: Vector = [point[0] - above * unit[0], point[1] - above * unit[1], point[2] - above * unit[2]];
  const footSize = length(foot);
  const isBeside = footSize > PRECISION && isOnEdge(scaled(foot, 1 / footSize), [a, b]);
  return isBeside ? Math.asin(Math.min(1, Math.abs(above))) : ends;
}

function doCross(one: Edge, other: Edge): boolean {
  const direction = cross(cross(...one), cross(...other));
  const size = length(direction);
  if (size < PRECISION) return isOnEdge(one[0], other) || isOnEdge(one[1], other) || isOnEdge(other[0], one);
  const meeting = scaled(direction, 1 / size);
  return [meeting, scaled(meeting, -1)].some((point) => isOnEdge(point, one) && isOnEdge(point, other));
}

/** Whether a point is inside a ring smaller than a hemisphere, or on it: the ring winds around it once. */
function isInRing(point: Vector, ring: readonly Position[]): boolean {
  const edges = edgesOf(ring);
  if (edges.some((edge) => isOnEdge(point, edge))) return true;
  const middle = edges.reduce<Vector>((sum, [a]) => [sum[0] + a[0], sum[1] + a[1], sum[2] + a[2]], [0, 0, 0]);
  if (dot(point, middle) <= 0) return false;
  let turns = 0;
  for (const [a, b] of edges) {
    const [toA, toB] = [cross(point, a), cross(point, b)];
    turns += Math.atan2(dot(point, cross(toA, toB)), dot(toA, toB));
  }
  return Math.abs(turns) > Math.PI;
}

const isInRings = (point: Vector, [outer = [], ...holes]: readonly (readonly Position[])[]): boolean =>
  isInRing(point, outer) && !holes.some((hole) => isInRing(point, hole) && !isOnRing(point, hole));

const isOnRing = (point: Vector, ring: readonly Position[]): boolean =>
  edgesOf(ring).some((edge) => isOnEdge(point, edge));

const partsOf = (geometry: Geometry): readonly Exclude<Geometry, { type: 'collection' }>[] =>
  geometry.type === 'collection' ? geometry.parts.flatMap(partsOf) : [geometry];

type Part = ReturnType<typeof partsOf>[number];

function positionsOf(part: Part): readonly Position[] {
  switch (part.type) {
    case 'point':
      return [part.at];
    case 'line':
      return part.positions;
    case 'polygon':
      return part.rings.flat();
    default:
      return part satisfies never;
  }
}

function edgesIn(part: Part): Edge[] {
  switch (part.type) {
    case 'point':
      return [];
    case 'line':
      return edgesOf(part.positions);
    case 'polygon':
      return part.rings.flatMap(edgesOf);
    default:
      return part satisfies never;
  }
}

const covers = (part: Part, point: Vector): boolean =>
  part.type === 'polygon' && isInRings(point, part.rings);

/** Whether two geometries have a point in common. */
export function doIntersect(one: Geometry, other: Geometry): boolean {
  const others = partsOf(other);
  return partsOf(one).some((a) => others.some((b) => doPartsIntersect(a, b)));
}

function doPartsIntersect(a: Part, b: Part): boolean {
  const [first, second] = [positionsOf(a).map(vectorOf), positionsOf(b).map(vectorOf)];
  if (first.some((point) => covers(b, point)) || second.some((point) => covers(a, point))) return true;
  const [ofA, ofB] = [edgesIn(a), edgesIn(b)];
  const isTouched = (points: readonly Vector[], edges: readonly Edge[]): boolean =>
    points.some((point) => edges.some((edge) => isOnEdge(point, edge)));
  if (isTouched(first, ofB) || isTouched(second, ofA)) return true;
  if (a.type === 'point' && b.type === 'point') return sphereDistance(a.at, b.at) < PRECISION;
  return ofA.some((edge) => ofB.some((otherEdge) => doCross(edge, otherEdge)));
}

/** Whether a geometry is entirely inside one of the polygons of another. */
export function isWithin(inner: Geometry, outer: Geometry): boolean {
  const areas = partsOf(outer).filter((part) => part.type === 'polygon');
  return partsOf(inner).every((part) => areas.some(({ rings }) => isPartWithin(part, rings)));
}

function isPartWithin(part: Part, rings: readonly (readonly Position[])[]): boolean {
  if (!positionsOf(part).every((position) => isInRings(vectorOf(position), rings))) return false;
  const boundary = rings.flatMap(edgesOf);
  const isCut = edgesIn(part).some((edge) => boundary.some((limit) => doCutThrough(edge, limit)));
  const hasHole = rings.slice(1).some(([corner]) => corner !== undefined && covers(part, vectorOf(corner)));
  return !isCut && !hasHole;
}

/** Whether the edges cross in the middle of both, not just touch. */
function doCutThrough(one: Edge, other: Edge): boolean {
  const isTouching =
    [...one].some((end) => isOnEdge(end, other)) || [...other].some((end) => isOnEdge(end, one));
  return !isTouching && doCross(one, other);
}

/** The shortest way from a position to a geometry, in radians. */
export function distanceTo(geometry: Geometry, from: Position): number {
  const point = vectorOf(from);
  const distances = partsOf(geometry).map((part) => {
    if (part.type === 'point') return angle(point, vectorOf(part.at));
    if (covers(part, point)) return 0;
    return Math.min(...edgesIn(part).map((edge) => distanceToEdge(point, edge)));
  });
  return Math.min(...distances);
}

/** Whether all of a geometry is within this angle of a position, in radians. */
export const isInCap = (geometry: Geometry, center: Position, radius: number): boolean =>
  partsOf(geometry).every((part) =>
    positionsOf(part).every((position) => sphereDistance(position, center) <= radius),
  );
