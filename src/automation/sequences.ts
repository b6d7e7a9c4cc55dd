import type { Clock, MakeId } from '../contracts/runtime.js';
import type { TenantScope } from '../contracts/stores.js';
import { derivedId } from '../lib/ids/make-id.js';
import type { FollowUp } from './follow-up.js';
import { followUpStore } from './follow-up-store.js';
import { targetOfContact, type Target } from './follow-up-target.js';
import type { FollowUps } from './follow-ups.js';
import { sequenceStore, type Enrolment, type Sequence } from './sequence-store.js';

export interface SequenceDependencies {
  readonly followUps: FollowUps;
  readonly clock: Clock;
  readonly makeId: MakeId;
}

/** Several messages to one person, each some time after the one before. */
export class Sequences {
  constructor(private readonly deps: SequenceDependencies) {}

  /** People already enrolled continue with the previous version. */
  put(
    scope: TenantScope,
    sequence: Omit<Sequence, 'id' | 'createdAt' | 'updatedAt'>,
  ): Promise<{ readonly sequence: Sequence; readonly created: boolean }> {
    const { clock, makeId } = this.deps;
    return scope.store(sequenceStore).put({ ...sequence, id: makeId('sequence'), updatedAt: clock.now() });
  }

  /**
   * Returns the person's follow-ups: those of the round in progress, or of a new one. `undefined`: there is
   * no such sequence. Throws `HttpProblem` if there is no such contact, or no way to reach them.
   */
  async enrol(
    scope: TenantScope,
    name: string,
    contactId: string,
  ): Promise<{ readonly followUps: readonly FollowUp[]; readonly started: boolean } | undefined> {
    const store = scope.store(sequenceStore);
    const sequence = await store.get(name);
    if (sequence === undefined) return undefined;
    const target = await targetOfContact(scope, contactId);
    const { id, formerIds } = target.contact;
    const rounds = await Promise.all([id, ...formerIds].map((each) => store.enrolment(name, each)));
    for (const enrolment of rounds) {
      const running = enrolment && (await this.running(scope, sequence, enrolment, target));
      if (running !== undefined) return { followUps: running, started: false };
    }
    const round = (rounds[0]?.round ?? 0) + 1;
    const followUpIds = sequence.steps.map((_, step) =>
      derivedId('followup', scope.tenantId, sequence.id, id, String(round), String(step)),
    );
    const startedAt = this.deps.clock.now();
    const enrolment = await store.enrol(name, id, { round, followUpIds, startedAt, sequence });
    return {
      followUps: await this.make(scope, enrolment, target),
      started: enrolment.startedAt.getTime() === startedAt.getTime(),
    };
  }

  /** The follow-ups of a round in progress; any that a crash left out are created. */
  private async running(
    scope: TenantScope,
    sequence: Sequence,
    enrolment: Enrolment,
    target: Target,
  ): Promise<readonly FollowUp[] | undefined> {
    if (enrolment.sequence.id !== sequence.id) return undefined;
    const existing = await scope.store(followUpStore).steps(enrolment.followUpIds);
    const whole =
      existing.length < enrolment.followUpIds.length ? await this.make(scope, enrolment, target) : existing;
    const current = await this.current(scope, whole);
    return current.some(({ status }) => status === 'pending') ? current : undefined;
  }

  private async make(
    scope: TenantScope,
    { sequence, followUpIds, round, startedAt }: Enrolment,
    { contact, conversation }: Target,
  ): Promise<readonly FollowUp[]> {
    const { name, id, steps, cancelOnReply, respectHours, stopTags } = sequence;
    const followUps: FollowUp[] = [];
    let atMs = startedAt.getTime();
    for (const [index, { message, afterMs }] of steps.entries()) {
      atMs += afterMs;
      const before = followUps.at(-1);
      const followUp = await this.deps.followUps.schedule(scope, {
        id: followUpIds[index] ?? this.deps.makeId('followup'),
        contact,
        conversation,
        message,
        at: new Date(atMs),
        timezone: scope.settings.timezone,
        cancelOnReply,
        respectHours,
        ...(stopTags.length === 0 ? {} : { stopTags }),
        sequence: {
          name,
          id,
          round,
          step: index + 1,
          ...(before === undefined ? {} : { after: { followUpId: before.id, ms: afterMs } }),
        },
      });
      followUps.push(followUp);
    }
    return this.current(scope, followUps);
  }

  private current(scope: TenantScope, followUps: readonly FollowUp[]): Promise<readonly FollowUp[]> {
    return Promise.all(followUps.map((followUp) => this.deps.followUps.current(scope, followUp)));
  }
}
