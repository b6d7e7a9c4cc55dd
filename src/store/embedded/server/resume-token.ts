import { MongoCommandError } from '../errors.js';
import { hex } from './event-log.js';

const TIME_DIGITS = 16;
/** Ends the token of an `invalidate` event, which has the time of the event that caused it. */
const INVALIDATION = '01';
/** Ends the token of a position that is no event's own: everything up to its time has been seen. */
const POSITION = '02';

const isToken = (token: string): boolean => /^[0-9a-f]{16}(?:0[12])?$/i.test(token);

export const invalidationToken = (time: bigint): string => hex(time) + INVALIDATION;

export const positionToken = (time: bigint): string => hex(time) + POSITION;

/** Whether a stream can start, but not resume, after this token. */
export const isInvalidation = (token: string): boolean =>
  isToken(token) && token.slice(TIME_DIGITS) === INVALIDATION;

/** Whether this is the token of an event other than `invalidate`. */
export const isEventToken = (token: string): boolean => isToken(token) && token.length === TIME_DIGITS;

/** Throws `MongoCommandError` 286 for a token that is not of this server. */
export function timeOfToken(token: string): bigint {
  if (isToken(token)) return BigInt(`0x${token.slice(0, TIME_DIGITS)}`);
  throw new MongoCommandError(
    286,
    'Resume of change stream was not possible, as the resume token was not found.',
  );
}

/** The token after which the event with this token comes next. */
export const tokenBefore = (token: string): string =>
  isInvalidation(token) ? hex(timeOfToken(token)) : positionToken(timeOfToken(token) - 1n);
