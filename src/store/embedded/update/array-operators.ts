import { encodeKey } from '../bson/key-string.js';
import { isDoc, plain, toNumber, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import { compileCondition, elementTest, IN_UPDATE, isOperatorDoc } from '../query/filter.js';
import { equalTo } from '../query/comparison.js';
import { parseSort, sortKeyMaker } from '../query/sort.js';

const bad = (message: string): never => {
  throw new MongoCommandError(2, message);
};

/** A copy of the array to change; a new one if the field is missing. Throws for any other value. */
function arrayOf(value: unknown, operator: string): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value)
    ? [...(value as unknown[])]
    : bad(`The field must be an array to apply ${operator} to it`);
}

const isEach = (operand: unknown): operand is Doc => isDoc(operand) && '$each' in operand;

function eachOf(operand: unknown, operator: string): readonly unknown[] {
  if (!isEach(operand)) return [operand];
  return Array.isArray(operand.$each)
    ? (operand.$each as unknown[])
    : bad(`The argument to $each in ${operator} must be an array`);
}

const PUSH_CLAUSES = new Set(['$each', '$position', '$sort', '$slice']);

export function push(value: unknown, operand: unknown): unknown[] {
  const array = arrayOf(value, '$push');
  const modifiers = isEach(operand) ? operand : {};
  const unknown = Object.keys(modifiers).find((name) => !PUSH_CLAUSES.has(name));
  if (unknown !== undefined) bad(`Unrecognized clause in $push: ${unknown}`);
  const position = toNumber(modifiers.$position) ?? array.length;
  array.splice(position, 0, ...eachOf(operand, '$push'));
  if (modifiers.$sort !== undefined) sortArray(array, modifiers.$sort);
  const limit = toNumber(modifiers.$slice);
  if (limit === undefined) return array;
  if (limit === 0) return [];
  return limit < 0 ? array.slice(limit) : array.slice(0, limit);
}

function sortArray(array: unknown[], sort: unknown): void {
  const direction = toNumber(sort);
  const makeKey =
    direction === undefined
      ? sortKeyMaker(parseSort(sort))
      : (holder: Doc): string => encodeKey(holder.value);
  const keyOf = (item: unknown): string => {
    if (direction !== undefined) return makeKey({ value: item });
    return makeKey(isDoc(item) ? item : {});
  };
  const rows = array.map((item) => ({ item, key: keyOf(item) }));
  const sign = direction === -1 ? -1 : 1;
  rows.sort((a, b) => (a.key < b.key ? -sign : a.key > b.key ? sign : 0));
  rows.forEach(({ item }, index) => {
    array[index] = item;
  });
}

export function addToSet(value: unknown, operand: unknown): unknown[] {
  const array = arrayOf(value, '$addToSet');
  const keys = new Set(array.map(encodeKey));
  if (isEach(operand) && Object.keys(operand).length > 1)
    bad('Found unexpected fields after $each in $addToSet');
  for (const item of eachOf(operand, '$addToSet')) {
    const key = encodeKey(item);
    if (!keys.has(key)) array.push(item);
    keys.add(key);
  }
  return array;
}

export function pop(value: unknown, operand: unknown): unknown[] {
  const end = toNumber(operand);
  if (end !== 1 && end !== -1) throw new MongoCommandError(9, '$pop expects 1 or -1');
  if (value !== undefined && !Array.isArray(value))
    throw new MongoCommandError(14, 'The path of $pop contains an element of non-array type');
  const array = arrayOf(value, '$pop');
  return end === -1 ? array.slice(1) : array.slice(0, -1);
}

export function pull(value: unknown, operand: unknown): unknown[] {
  const condition = plain(operand);
  const test = pullTest(condition);
  return arrayOf(value, '$pull').filter((item) => !test(item));
}

const LOGICAL = new Set(['$and', '$or', '$nor', '$expr']);
const isLogical = (condition: Doc): boolean => Object.keys(condition).every((name) => LOGICAL.has(name));

function pullTest(condition: unknown): (item: unknown) => boolean {
  if (isOperatorDoc(condition) && !isLogical(condition)) {
    const test = compileCondition(condition);
    return (item) => test([item]);
  }
  if (isDoc(condition)) {
    const test = elementTest(condition, IN_UPDATE);
    return (item) => isDoc(item) && test(item);
  }
  const isPattern = typeof condition === 'object' && condition !== null && !Array.isArray(condition);
  if (!isPattern) return equalTo(condition);
  const test = compileCondition(condition);
  return (item) => test([item]);
}

export function pullAll(value: unknown, operand: unknown): unknown[] {
  if (!Array.isArray(operand)) return bad('$pullAll requires an array argument');
  const keys = new Set(operand.map(encodeKey));
  return arrayOf(value, '$pullAll').filter((item) => !keys.has(encodeKey(item)));
}
