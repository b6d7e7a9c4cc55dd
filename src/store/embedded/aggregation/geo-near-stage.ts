import { Double } from 'bson';
import { encodeKey } from '../bson/key-string.js';
import { valuesAt } from '../bson/paths.js';
import { isDoc, isTrue, plain, toNumber, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import { nearOf } from '../geo/conditions.js';
import { compileFilter } from '../query/filter.js';
import { nearIn } from '../query/near.js';
import { isPause, sortByKey } from '../work.js';
import type { StageCompiler } from './pipeline.js';
import { withValueAt } from './shape.js';

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation/geoNear/ */
export const geoNearStage: StageCompiler = (spec) => {
  if (!isDoc(spec)) throw new MongoCommandError(10065, 'invalid parameter: expected an object ($geoNear)');
  const { near: point, distanceField, includeLocs, key } = spec;
  const near = nearOf(isTrue(spec.spherical) ? '$nearSphere' : '$near', {
    [isTrue(spec.spherical) ? '$nearSphere' : '$near']: plain(point),
    ...(spec.maxDistance === undefined ? {} : { $maxDistance: spec.maxDistance }),
    ...(spec.minDistance === undefined ? {} : { $minDistance: spec.minDistance }),
  });
  const filter = isDoc(spec.query) ? spec.query : {};
  if (nearIn(filter))
    throw new MongoCommandError(5626500, '$geoNear, $near, and $nearSphere are not allowed in this context');
  const test = compileFilter(filter);
  const multiplier = toNumber(spec.distanceMultiplier) ?? 1;
  return function* run(documents, { tools }) {
    const path = pathOf(tools.indexKeys(), near.indexTypes, key);
    const rows: { key: string; document: Doc }[] = [];
    for (const [index, document] of documents.entries()) {
      const values = valuesAt(document, path.split('.'));
      const distance = test(document) ? near.distance(values) : undefined;
      if (distance !== undefined) {
        const measured = withField(document, distanceField, new Double(distance * multiplier));
        rows.push({ key: encodeKey(distance), document: withField(measured, includeLocs, values[0]) });
      }
      if (isPause(index)) yield;
    }
    return (yield* sortByKey(rows)).map(({ document }) => document);
  };
};

const withField = (document: Doc, path: unknown, value: unknown): Doc =>
  typeof path === 'string' && path !== '' ? withValueAt(document, path.split('.'), value) : document;

/** The field to measure. Throws `MongoCommandError` 27 unless one index has it. */
function pathOf(keys: readonly Doc[], types: readonly string[], requested: unknown): string {
  const paths = keys.flatMap((key) =>
    Object.entries(key).flatMap(([path, type]) => (types.includes(String(type)) ? [path] : [])),
  );
  if (typeof requested === 'string' && paths.includes(requested)) return requested;
  const [only, other] = paths;
  if (requested !== undefined || only === undefined || other !== undefined)
    throw new MongoCommandError(
      27,
      only === undefined
        ? '$geoNear requires a 2d or 2dsphere index, but none were found'
        : 'There is more than one geospatial index or none for the given key; use the key option of $geoNear',
    );
  return only;
}
