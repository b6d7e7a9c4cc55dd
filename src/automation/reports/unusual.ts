import type { PeriodNumbers, Report } from './make-report.js';

/** Something that is out of line with the weeks before. */
export interface Unusual {
  readonly what: 'messages' | 'failed_deliveries' | 'unanswered' | 'failed_calls' | 'cost';
  readonly direction: 'low' | 'high';
  readonly value: number;
  /** The middle of the weeks before. */
  readonly usual: number;
}

/** Fewer weeks than this say nothing of what is usual. */
const FEWEST_WEEKS = 3;
/** A change counts from so many times the noise of small counts (their square root) on. */
const NOISE = 3;
/** Less than this part of what is usual is few; more than this many times is much. */
const FEW = 0.5;
const MUCH = 2;
/** Costs below this are nobody's worry, in micro-units. */
const SMALL_COST = 100_000;

/**
 * What stands out, the gravest first. A period that is not over is compared up to the hour `hours` of
 * its day, so that a morning is not taken for a bad day.
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
  const high = (what: Unusual['what'], of: (each: PeriodNumbers) => number, least: number): void => {
    const value = of(numbers);
    const expected = usual(of);
    if (value < least || value <= expected * MUCH) return;
    if (what !== 'cost' && value - expected <= NOISE * Math.sqrt(Math.max(1, expected))) return;
    findings.push({ what, direction: 'high', value, usual: expected });
  };
  high('failed_deliveries', ({ failedDeliveries }) => failedDeliveries, 3);
  high('failed_calls', ({ failedCalls }) => failedCalls, 5);
  high('unanswered', ({ answers }) => answers.nothing, 5);
  high('cost', ({ costMicros }) => costMicros, SMALL_COST);
  // Much of everything is a busy day and no fault.
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
