import { EmbeddingError, type EmbeddingErrorKind } from '../../contracts/embedding.js';
import type { ModelCall, ModelErrorKind, PriceOf } from '../../contracts/model.js';
import type { Clock } from '../../contracts/runtime.js';
import type { TenantScope } from '../../contracts/stores.js';
import type { UsageService } from '../../contracts/usage.js';

/** Records calls to a paid service and charges them to the budget. */
export interface EmbeddingBilling {
  readonly usage: Pick<UsageService, 'account'>;
  readonly priceOf: PriceOf;
  readonly clock: Clock;
}

export interface EmbeddingAnswer {
  readonly rows: readonly (readonly number[])[];
  /** As counted by the service; absent if it reports no count. */
  readonly inputTokens?: number | undefined;
}

export interface PaidCall {
  readonly provider: string;
  readonly model: string;
  readonly texts: readonly string[];
  readonly send: () => Promise<EmbeddingAnswer>;
}

/** A cautious estimate for the supported languages. */
const CHARACTERS_A_TOKEN = 3;

const OUTCOMES: Readonly<Record<EmbeddingErrorKind, ModelErrorKind>> = {
  'rate-limited': 'rate-limited',
  unauthorized: 'unauthorized',
  rejected: 'invalid-request',
  unreachable: 'unreachable',
  'not-installed': 'invalid-request',
  'over-budget': 'over-budget',
};

/**
 * Sends one request that a business pays for; it is recorded whatever the outcome. Without a business (a
 * check by the operator) nobody is charged.
 * @throws EmbeddingError `over-budget` if the budget is not sufficient; nothing was sent
 */
export async function payFor(
  { provider, model, texts, send }: PaidCall,
  billing: EmbeddingBilling | undefined,
  scope: TenantScope | undefined,
): Promise<EmbeddingAnswer['rows']> {
  if (billing === undefined || scope === undefined) return (await send()).rows;
  const { usage, priceOf, clock } = billing;
  const estimate = texts.reduce((sum, text) => sum + Math.ceil(text.length / CHARACTERS_A_TOKEN), 0);
  const useOf = (inputTokens: number): Pick<ModelCall, 'provider' | 'model' | 'usage' | 'costMicros'> => {
    const used = { inputTokens, outputTokens: 0 };
    const costMicros = priceOf(provider, model, used);
    return { provider, model, usage: used, ...(costMicros === undefined ? {} : { costMicros }) };
  };
  const planned = useOf(estimate);
  const account = usage.account(scope, { purpose: 'embedding' });
  const reserved = await account.reserve({ ...planned, mostMicros: planned.costMicros ?? 0 });
  if (reserved === undefined) {
    throw new EmbeddingError('over-budget', `The budget does not reach for a call of ${provider}:${model}.`);
  }
  const startedAt = clock.monotonicMs();
  const settle = (outcome: ModelCall['outcome'], inputTokens: number, isEstimated: boolean): void => {
    const tookMs = clock.monotonicMs() - startedAt;
    reserved.settle({ ...useOf(inputTokens), isEstimated, outcome, tookMs });
  };
  try {
    const { rows, inputTokens } = await send();
    settle('ok', inputTokens ?? estimate, inputTokens === undefined);
    return rows;
  } catch (error) {
    settle(error instanceof EmbeddingError ? OUTCOMES[error.kind] : 'aborted', 0, false);
    throw error;
  }
}
