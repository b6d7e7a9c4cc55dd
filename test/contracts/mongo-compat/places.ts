import type { Document } from 'bson';
import type { Collection } from 'mongodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { checkRows, found, is, refused, type Expected } from './tables.js';
import { refusal, type Server } from './server.js';

interface Place extends Document {
  readonly _id: number;
}

type Filter = readonly [filter: Document, expected: Expected];

const point = (...coordinates: number[]): Document => ({ type: 'Point', coordinates });
const polygon = (...coordinates: number[][][]): Document => ({ type: 'Polygon', coordinates });
const square = (low: number, high: number): number[][] => [
  [low, low],
  [high, low],
  [high, high],
  [low, high],
  [low, low],
];

const JAKARTA = [106.8456, -6.2088];
const BANDUNG = [107.6191, -6.9175];

const PLACES: readonly Place[] = [
  { _id: 1, at: point(...JAKARTA) },
  { _id: 2, at: point(...BANDUNG) },
  { _id: 3, at: [3, 3] },
  { _id: 4, at: point(9, 9) },
  {
    _id: 5,
    at: {
      type: 'LineString',
      coordinates: [
        [-178, 10],
        [178, 10],
      ],
    },
  },
  { _id: 6, at: polygon(square(-2, 2)) },
  { _id: 7 },
  { _id: 8, at: null },
  {
    _id: 9,
    at: {
      type: 'MultiPoint',
      coordinates: [
        [20, 0],
        [40, 0],
      ],
    },
  },
];

const near = (name: string, spec: unknown, more: Document = {}): Document => ({
  at: { [name]: spec, ...more },
});
const inside = (shape: string, spec: unknown): Document => ({ at: { $geoWithin: { [shape]: spec } } });
const meets = ($geometry: Document): Document => ({ at: { $geoIntersects: { $geometry } } });

/** https://www.mongodb.com/docs/manual/reference/operator/query-geospatial/ */
const FILTERS: readonly Filter[] = [
  [inside('$geometry', polygon(square(0, 10))), is([3, 4])],
  [inside('$geometry', polygon(square(0, 10), square(2, 4))), is([4])],
  [inside('$geometry', polygon(square(-5, 5))), is([3, 6])],
  [
    inside('$geometry', { type: 'MultiPolygon', coordinates: [[square(2, 4)], [square(8, 9.5)]] }),
    is([3, 4]),
  ],
  [
    inside('$box', [
      [0, 0],
      [3, 3],
    ]),
    is([3]),
  ],
  [inside('$center', [[0, 0], 4.3]), is([3])],
  [
    inside('$polygon', [
      [0, 0],
      [10, 0],
      [10, 10],
    ]),
    is([3, 4]),
  ],
  [inside('$centerSphere', [JAKARTA, 120 / 6378.1]), is([1, 2])],
  [inside('$centerSphere', [JAKARTA, 110 / 6378.1]), is([1])],
  [
    {
      at: {
        $within: {
          $box: [
            [10, 10],
            [8, 8],
          ],
        },
      },
    },
    is([4]),
  ],
  [meets(point(1, 1)), is([6])],
  [
    meets({
      type: 'LineString',
      coordinates: [
        [180, 11],
        [180, 9],
      ],
    }),
    is([5]),
  ],
  [
    meets({
      type: 'LineString',
      coordinates: [
        [0, 9],
        [0, 5],
      ],
    }),
    is([]),
  ],
  [meets(polygon(square(1, 3))), is([3, 6])],
  [
    meets(
      polygon([
        [30, -1],
        [50, -1],
        [50, 1],
        [30, -1],
      ]),
    ),
    is([9]),
  ],
  [{ ...meets(polygon(square(1, 4))), _id: { $gt: 3 } }, is([6])],
  [inside('$circle', [[0, 0], 1]), refused(2)],
  [inside('$geometry', point(1, 1)), refused(2)],
  [
    inside(
      '$geometry',
      polygon([
        [0, 0],
        [1, 0],
        [1, 1],
      ]),
    ),
    refused(2),
  ],
  [inside('$center', [[0, 0], -1]), refused(2)],
  [meets({ type: 'Blob', coordinates: [] }), refused(2)],
  [{ $or: [near('$near', { $geometry: point(0, 0) })] }, refused(2)],
  [{ at: { $not: { $near: { $geometry: point(0, 0) } } } }, refused(2)],
  [{ at: { $elemMatch: { $nearSphere: [0, 0] } } }, refused(2)],
  [{ $and: [near('$nearSphere', [0, 0]), near('$near', { $geometry: point(0, 0) })] }, refused(2)],
];

/** Great-circle distance by the haversine formula, with the radius the manual names. */
function metersBetween([fromX = 0, fromY = 0]: number[], [toX = 0, toY = 0]: number[]): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const half = (degrees: number): number => Math.sin(radians(degrees) / 2) ** 2;
  const a = half(toY - fromY) + Math.cos(radians(fromY)) * Math.cos(radians(toY)) * half(toX - fromX);
  return 2 * 6_378_100 * Math.asin(Math.sqrt(a));
}

/** Places: queries by area and by distance. */
export function findsPlaces(server: Server): void {
  describe('places', () => {
    let places: Collection<Place>;
    const ids = async (filter: Document): Promise<unknown[]> =>
      (await places.find(filter).toArray()).map(({ _id }) => _id);

    beforeEach(async () => {
      places = server().db.collection<Place>('places');
      await places.drop();
      await places.insertMany(PLACES);
    });

    it(`are found by area in all ${FILTERS.length} cases, with an index and without`, async () => {
      const check = (): Promise<void> =>
        checkRows(
          FILTERS,
          ([filter]) => found(server().db.collection('places'), filter),
          ([, expected]) => expected,
          ([filter]) => JSON.stringify(filter),
        );
      await check();
      await places.createIndex({ at: '2dsphere' });
      await check();
    });

    // https://www.mongodb.com/docs/manual/reference/operator/query/near/
    it('are ordered by distance and limited by it, in meters', async () => {
      await places.createIndex({ at: '2dsphere' });
      const from = (limits: Document): Document => near('$near', { $geometry: point(...JAKARTA), ...limits });
      const meters = metersBetween(JAKARTA, BANDUNG);
      expect((await ids(from({}))).slice(0, 2)).toEqual([1, 2]);
      expect(await ids(from({ $maxDistance: meters + 1 }))).toEqual([1, 2]);
      expect(await ids(from({ $maxDistance: meters - 1 }))).toEqual([1]);
      expect(await ids(from({ $minDistance: 1, $maxDistance: meters + 1 }))).toEqual([2]);
      expect(await ids(near('$nearSphere', JAKARTA, { $maxDistance: meters / 6_378_100 + 1e-9 }))).toEqual([
        1, 2,
      ]);
      expect(await places.find(from({}), { sort: { _id: -1 } }).next()).toMatchObject({ _id: 9 });
      expect(await places.findOneAndUpdate(from({}), { $set: { seen: true } })).toMatchObject({ _id: 1 });
    });

    it('without a fitting index are not ordered by distance, nor in a $match', async () => {
      const { code } = await refusal(ids(near('$near', { $geometry: point(0, 0) })));
      expect(code).toBe(291);
      await places.createIndex({ at: '2dsphere' });
      expect((await refusal(ids(near('$near', [0, 0])))).code).toBe(291);
      const match = places.aggregate([{ $match: near('$near', { $geometry: point(0, 0) }) }]);
      expect((await refusal(match.toArray())).code).toBe(5_626_500);
    });

    // https://www.mongodb.com/docs/manual/core/indexes/index-types/geospatial/2d/
    it('on a plane are ordered by the plain distance', async () => {
      await places.deleteMany({});
      await places.insertMany([
        { _id: 1, at: [20, 80] },
        { _id: 2, at: { x: 25, y: 30 } },
        {
          _id: 3,
          at: [
            [26, 31],
            [90, 90],
          ],
        },
      ]);
      await places.createIndex({ at: '2d' });
      expect(await ids(near('$near', [25, 31]))).toEqual([2, 3, 1]);
      expect(await ids(near('$near', [25, 31], { $maxDistance: 1 }))).toEqual([2, 3]);
      expect(await ids(near('$near', [25, 32.5], { $maxDistance: 1 }))).toEqual([]);
    });

    // https://www.mongodb.com/docs/manual/core/indexes/index-types/geospatial/2dsphere/
    it('that an index cannot hold are refused', async () => {
      await places.createIndex({ at: '2dsphere' });
      await places.createIndex({ flat: '2d' });
      const refusedAs = async (document: Document): Promise<unknown> =>
        (await refusal(places.insertOne({ _id: 50, ...document }))).code;
      expect(await refusedAs({ at: 'here' })).toBe(16_755);
      expect(await refusedAs({ at: point(200, 0) })).toBe(16_755);
      expect(await refusedAs({ flat: [1] })).toBe(13_654);
      expect(await refusedAs({ flat: [180, 0] })).toBe(13_027);
      await places.insertOne({ _id: 51, at: [], flat: [179, -180] });
      const [, , flat] = await places.indexes();
      expect(flat).toMatchObject({ key: { flat: '2d' } });
      expect((await refusal(places.createIndex({ at: '2dsphere' }, { unique: true, name: 'u' }))).code).toBe(
        67,
      );
    });

    // https://www.mongodb.com/docs/manual/reference/operator/aggregation/geoNear/
    it('are measured by $geoNear', async () => {
      const stage = {
        near: point(...JAKARTA),
        distanceField: 'far.by',
        maxDistance: 200_000,
        spherical: true,
      };
      const run = (more: Document = {}): Promise<Document[]> =>
        places.aggregate([{ $geoNear: { ...stage, ...more } }, { $project: { far: 1 } }]).toArray();
      expect((await refusal(run())).code).toBe(27);
      await places.createIndex({ at: '2dsphere' });
      const [first, second, ...rest] = await run({ distanceMultiplier: 0.001 });
      expect([first, rest]).toEqual([{ _id: 1, far: { by: 0 } }, []]);
      expect((second?.['far'] as { by: number }).by).toBeCloseTo(metersBetween(JAKARTA, BANDUNG) / 1_000, 6);
      expect(await run({ query: { _id: 2 } })).toMatchObject([{ _id: 2 }]);
      expect(await run({ includeLocs: 'far.from', maxDistance: 1 })).toEqual([
        { _id: 1, far: { by: 0, from: point(...JAKARTA) } },
      ]);
      const late = places.aggregate([{ $match: {} }, { $geoNear: stage }]);
      expect((await refusal(late.toArray())).code).toBe(40_602);
    });
  });

  // https://www.mongodb.com/docs/manual/core/indexes/index-types/index-hashed/
  it('hashed indexes find by equality, and hold neither arrays nor unique values', async () => {
    const { items } = server();
    await items.createIndex({ g: 'hashed' });
    expect(await items.find({ g: 'x' }).sort({ _id: 1 }).project({ _id: 1 }).toArray()).toEqual([
      { _id: 1 },
      { _id: 2 },
    ]);
    expect((await refusal(items.insertOne({ _id: 9, g: [1] }))).code).toBe(16_766);
    expect((await refusal(items.createIndex({ a: 'hashed' }, { unique: true }))).code).toBe(16_764);
  });
}
