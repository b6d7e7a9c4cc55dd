import { isDoc, toNumber, type Doc } from '../bson/values.js';

/** Longitude and latitude in degrees, or x and y on a plane. */
export type Position = readonly [number, number];

export type Geometry =
  | { readonly type: 'point'; readonly at: Position }
  | { readonly type: 'line'; readonly positions: readonly Position[] }
  /** The outer ring, then the holes; each ends with its first position. */
  | { readonly type: 'polygon'; readonly rings: readonly (readonly Position[])[] }
  | { readonly type: 'collection'; readonly parts: readonly Geometry[] };

/** A legacy coordinate pair: `[x, y]`, or a document whose first two fields are numbers. */
export function pairOf(value: unknown): Position | undefined {
  const list = Array.isArray(value) ? (value as unknown[]) : isDoc(value) ? Object.values(value) : [];
  const [x, y] = list.slice(0, 2).map(toNumber);
  return x !== undefined && y !== undefined && Number.isFinite(x) && Number.isFinite(y) ? [x, y] : undefined;
}

/** A GeoJSON object or a legacy coordinate pair; `undefined` for anything else. */
export function geometryOf(value: unknown): Geometry | undefined {
  if (isDoc(value) && typeof value.type === 'string') return geoJson(value);
  const at = pairOf(value);
  return at && { type: 'point', at };
}

/** https://www.mongodb.com/docs/manual/reference/geojson/ */
function geoJson({ type, coordinates, geometries }: Doc): Geometry | undefined {
  switch (type) {
    case 'Point':
      return pointAt(coordinates);
    case 'LineString':
      return lineAlong(coordinates);
    case 'Polygon':
      return polygonIn(coordinates);
    case 'MultiPoint':
      return collectionOf(coordinates, pointAt);
    case 'MultiLineString':
      return collectionOf(coordinates, lineAlong);
    case 'MultiPolygon':
      return collectionOf(coordinates, polygonIn);
    case 'GeometryCollection':
      return collectionOf(geometries, (part) => (isDoc(part) ? geoJson(part) : undefined));
    default:
      return undefined;
  }
}

function listOf<Item>(value: unknown, read: (item: unknown) => Item | undefined): Item[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const items = value.map(read).filter((item) => item !== undefined);
  return items.length === value.length ? items : undefined;
}

function onEarth(value: unknown): Position | undefined {
  const pair = Array.isArray(value) ? pairOf(value) : undefined;
  return pair && Math.abs(pair[0]) <= 180 && Math.abs(pair[1]) <= 90 ? pair : undefined;
}

function pointAt(coordinates: unknown): Geometry | undefined {
  const at = onEarth(coordinates);
  return at && { type: 'point', at };
}

function lineAlong(coordinates: unknown): Geometry | undefined {
  const positions = listOf(coordinates, onEarth);
  return positions && positions.length >= 2 ? { type: 'line', positions } : undefined;
}

function polygonIn(coordinates: unknown): Geometry | undefined {
  const rings = listOf(coordinates, ringOf);
  return rings && { type: 'polygon', rings };
}

function ringOf(coordinates: unknown): Position[] | undefined {
  const ring = listOf(coordinates, onEarth);
  const isClosed = String(ring?.[0]) === String(ring?.at(-1));
  return ring && ring.length >= 4 && isClosed ? ring : undefined;
}

function collectionOf(items: unknown, read: (item: unknown) => Geometry | undefined): Geometry | undefined {
  const parts = listOf(items, read);
  return parts && { type: 'collection', parts };
}

/** The geometries among the values a path reaches, also those in arrays. */
export function geometriesIn(values: readonly unknown[]): Geometry[] {
  return values.flatMap((value): Geometry[] => {
    const geometry = geometryOf(value);
    if (geometry) return [geometry];
    return Array.isArray(value) ? value.map(geometryOf).filter((one) => one !== undefined) : [];
  });
}
