import type { Clock, Logger } from '../contracts/runtime.js';
import type { AnswerKey, StopStore, TenantScope } from '../contracts/stores.js';

/** How often it is looked whether another process was asked to stop what is written here, in ms. */
const LOOK_EVERY_MS = 500;

export interface AnswersUnderWayDependencies {
  readonly stops: StopStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface UnderWay extends AnswerKey {
  readonly since: number;
  readonly stopping: AbortController;
}

/** The answers this process is writing, and who may end them: a person who has read enough. */
export class AnswersUnderWay {
  private readonly answers = new Map<string, UnderWay>();
  private looking: Promise<void> | undefined;

  constructor(private readonly deps: AnswersUnderWayDependencies) {}

  /** While an answer to these events is written here, `stop` of one of them, in any process, aborts the signal. */
  begin(
    { tenantId }: TenantScope,
    eventKeys: readonly string[],
  ): { readonly signal: AbortSignal; readonly end: () => void } {
    const stopping = new AbortController();
    const since = this.deps.clock.monotonicMs();
    for (const eventKey of eventKeys) {
      this.answers.set(nameOf({ tenantId, eventKey }), { tenantId, eventKey, since, stopping });
    }
    this.looking ??= this.look().finally(() => {
      this.looking = undefined;
    });
    return {
      signal: stopping.signal,
      end: () => {
        for (const eventKey of eventKeys) {
          const name = nameOf({ tenantId, eventKey });
          if (this.answers.get(name)?.stopping === stopping) this.answers.delete(name);
        }
      },
    };
  }

  /** Whether there is an answer that ends by this: here at once, in another process soon. */
  async stop({ tenantId, inbox, turns }: TenantScope, eventKey: string): Promise<boolean> {
    const here = this.answers.get(nameOf({ tenantId, eventKey }));
    if (here !== undefined) {
      here.stopping.abort();
      return true;
    }
    const [item, turn] = await Promise.all([inbox.get(eventKey), turns.answering(eventKey)]);
    const isOver = turn !== undefined && turn.status !== 'open';
    if (item?.status !== 'pending' || isOver) return false;
    await this.deps.stops.request({ tenantId, eventKey });
    return true;
  }

  /** An answer that is there at once is never asked about. */
  private async look(): Promise<void> {
    const { clock, stops, logger } = this.deps;
    while (this.answers.size > 0) {
      await clock.sleep(LOOK_EVERY_MS);
      const before = clock.monotonicMs() - LOOK_EVERY_MS;
      const slow = [...this.answers.values()].filter(({ since }) => since <= before);
      if (slow.length === 0) continue;
      try {
        for (const answer of await stops.requested(slow)) this.answers.get(nameOf(answer))?.stopping.abort();
      } catch (error) {
        logger.warn({ error }, 'requests to stop an answer could not be read');
      }
    }
  }
}

function nameOf({ tenantId, eventKey }: AnswerKey): string {
  return `${tenantId}/${eventKey}`;
}
