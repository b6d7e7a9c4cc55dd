import type { ModelAccount, TokenUsage, TurnSpending } from '../contracts/model.js';
import type { TurnAnswer } from '../contracts/turn.js';

/** The budget of a turn: shared by its calls, with a record of what they used. */
export function openSpending(limits: {
  readonly account?: ModelAccount | undefined;
  readonly deadlineAt?: number;
  readonly maxMicros?: number | undefined;
}): TurnSpending {
  const { account, deadlineAt, maxMicros } = limits;
  return {
    calls: [],
    failures: 0,
    silentMs: 0,
    ...(account === undefined ? {} : { account }),
    ...(deadlineAt === undefined ? {} : { deadlineAt }),
    ...(maxMicros === undefined ? {} : { maxMicros }),
  };
}

/** Totals over all calls of a turn, including failed ones. */
export function usageOf({ calls }: TurnSpending): TurnAnswer['usage'] {
  const total = (field: keyof TokenUsage): number =>
    calls.reduce((sum, { usage }) => sum + (usage[field] ?? 0), 0);
  const unpricedCalls = calls.filter(
    ({ costMicros, usage }) => costMicros === undefined && usage.inputTokens + usage.outputTokens > 0,
  ).length;
  const [cachedTokens, reasoningTokens] = [total('cachedTokens'), total('reasoningTokens')];
  return {
    inputTokens: total('inputTokens'),
    outputTokens: total('outputTokens'),
    ...(cachedTokens === 0 ? {} : { cachedTokens }),
    ...(reasoningTokens === 0 ? {} : { reasoningTokens }),
    costMicros: calls.reduce((sum, { costMicros = 0 }) => sum + costMicros, 0),
    ...(unpricedCalls === 0 ? {} : { unpricedCalls }),
  };
}
