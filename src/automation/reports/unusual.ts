import type { PeriodNumbers, Report } from './make-report.js';

/** A number that differs clearly from earlier weeks. */
export interface Unusual {
  readonly what: 'messages' | 'failed_deliveries' | 'unanswered' | 'failed_calls' | 'cost';
  readonly direction: 'low' | 'high';
  readonly value: number;
  /** The median of earlier weeks. */
  readonly usual: number;
}

/** With fewer weeks than this, nothing can be called usual. */
const FEWEST_WEEKS = 3;
/** A change counts only above this multiple of the noise of small counts (their square root). */
const NOISE = 3;
/** Below this share of the usual is few; above `MUCH` times the usual is many. */
const FEW = 0.5;
const MUCH = 2;
/** Lower costs are never reported, in micro-units. */
const SMALL_COST = 100_000;

/**
 * What is unusual, most serious first. Messages of a period that is not over are compared up to the hour
 * `hours` of its day, so that a morning is not mistaken for a bad day.
 */
export function unusualIn({ numbers, before, isWhole }: Report, hours = 24): readonly Unusual[] {
  if (before.length < FEWEST_WEEKS) return [];
  const usual = (value: (each: PeriodNumbers) => number): number => median(before.map(value));
  const findings: Unusual[] = [];
  const messages = upTo(numbers.byHour, hours);
  const usualMessages = usual(({ byHour }) => upTo(byHour, hours));
  if (messages < usualMessages * FEW && usualMessages - messages > NOISE * Math.sqrt(usualMessages)) {
    findings.push({ what: 'messages', direction: 'low', value: messages, usual: usualMessages });
  }
  const checkHigh = (
    what: Unusual['what'],
    measure: (each: PeriodNumbers) => number,
    least: number,
  ): void => {
    const value = measure(numbers);
    const expected = usual(measure);
    if (value < least || value <= expected * MUCH) return;
    if (what !== 'cost' && value - expected <= NOISE * Math.sqrt(Math.max(1, expected))) return;
    findings.push({ what, direction: 'high', value, usual: expected });
  };
  checkHigh('failed_deliveries', ({ failedDeliveries }) => failedDeliveries, 3);
  checkHigh('failed_calls', ({ failedCalls }) => failedCalls, 5);
  checkHigh('unanswered', ({ answers }) => answers.nothing, 5);
  checkHigh('cost', ({ costMicros }) => costMicros, SMALL_COST);
  // On a busy day there is more of everything, which is no fault.
  const isBusy = isWhole && numbers.messages > usual(({ messages: each }) => each) * MUCH;
  return isBusy ? findings.filter(({ what }) => what !== 'unanswered') : findings;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

function upTo(byHour: readonly number[], hours: number): number {
  return byHour.slice(0, hours).reduce((sum, each) => sum + each, 0);
}
