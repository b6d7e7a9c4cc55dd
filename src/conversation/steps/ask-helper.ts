import { ModelError, type ChainFor, type ModelRequest } from '../../contracts/model.js';
import type { TenantScope } from '../../contracts/stores.js';
import type { Clock, Logger } from '../../contracts/runtime.js';
import type { ModelPurpose, UsageService } from '../../contracts/usage.js';
import { openSpending } from '../spending.js';

export interface HelperDependencies {
  readonly chainFor: ChainFor;
  readonly usage: Pick<UsageService, 'account'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface HelperCall {
  readonly scope: TenantScope;
  readonly contactId: string;
  readonly purpose: ModelPurpose;
  readonly request: ModelRequest;
  /** Time limit, in ms. */
  readonly withinMs: number;
  readonly signal: AbortSignal;
}

/** Has a cheap model write something for background work; `undefined` if it fails for any reason. */
export async function askHelper(
  { scope, contactId, purpose, request, withinMs, signal }: HelperCall,
  { chainFor, usage, clock, logger }: HelperDependencies,
): Promise<string | undefined> {
  const { models } = scope.settings;
  const { helper = [] } = models;
  const chain = chainFor(helper.length === 0 ? models : { ...models, chain: helper });
  if (!chain.writes) return undefined;
  // We stop waiting ourselves instead of using a deadline, so that the slow model is not marked as failing
  // for other work.
  const late = new AbortController();
  const answered = new AbortController();
  const timer = clock.sleep(withinMs, answered.signal);
  timer.then(
    () => late.abort(),
    () => undefined,
  );
  const spending = openSpending({ account: usage.account(scope, { contactId, purpose }) });
  try {
    let text = '';
    let isOwnWords = false;
    for await (const part of chain.stream(request, AbortSignal.any([signal, late.signal]), spending)) {
      if (part.type === 'attempt') isOwnWords = !part.groundedOnly;
      if (part.type === 'attempt' || part.type === 'restart') text = '';
      if (part.type === 'text-delta') text += part.text;
      if (part.type === 'finish' && part.reason !== 'stop') return undefined;
    }
    return isOwnWords && text.trim() !== '' ? text.trim() : undefined;
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    logger.debug({ purpose, kind: error.kind }, 'a helper model did not answer');
    return undefined;
  } finally {
    answered.abort();
  }
}
