import { asDoc, setField, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import { typeName } from './order.js';

/** `$arrayToObject`: pairs in arrays, `[key, value]`, or in documents, `{k, v}`; all in the same form. */
export function arrayToObject(pairs: readonly unknown[]): Doc {
  const out: Doc = {};
  const areArrays = Array.isArray(pairs[0]);
  for (const pair of pairs) {
    const [key, value] = areArrays ? fromArray(pair) : fromDocument(pair, pair === pairs[0]);
    setField(out, key, value);
  }
  return out;
}

type Field = readonly [key: string, value: unknown];

const refuse = (code: number, message: string): MongoCommandError =>
  new MongoCommandError(code, `$arrayToObject requires ${message}`);

function fromArray(pair: unknown): Field {
  if (!Array.isArray(pair))
    throw refuse(40396, `a consistent input format. Array was detected, now found: ${typeName(pair)}`);
  const [key, value] = pair as unknown[];
  if (pair.length !== 2)
    throw refuse(40397, `an array of size 2 arrays, found array of size: ${pair.length}`);
  if (typeof key === 'string') return [key, value];
  throw refuse(40395, `an array of key-value pairs, where the key must be a string. Found: ${typeName(key)}`);
}

function fromDocument(pair: unknown, isFirst: boolean): Field {
  const fields = asDoc(pair);
  if (!fields)
    throw isFirst
      ? refuse(40398, `pairs, found: ${typeName(pair)}`)
      : refuse(40391, `a consistent input format. Object was detected, now found: ${typeName(pair)}`);
  const names = Object.keys(fields);
  if (names.length !== 2) throw refuse(40392, `an object with 'k' and 'v'. Found ${names.length} keys`);
  if (!('k' in fields) || !('v' in fields)) throw refuse(40393, `an object with keys 'k' and 'v'`);
  if (typeof fields.k === 'string') return [fields.k, fields.v];
  throw refuse(40394, `an object where the value of 'k' is a string. Found: ${typeName(fields.k)}`);
}
