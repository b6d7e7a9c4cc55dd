import { followUpJob } from '../../src/automation/arm.js';
import type { FollowUp } from '../../src/automation/follow-up.js';
import { followUpStore } from '../../src/automation/follow-up-store.js';
import { FollowUps } from '../../src/automation/follow-ups.js';
import { Sequences } from '../../src/automation/sequences.js';
import type { Outreach } from '../../src/contracts/chat.js';
import type { JobQueue } from '../../src/contracts/queue.js';
import type { RoomStore, TenantScope } from '../../src/contracts/stores.js';
import { tenantSettingsSchema, type TenantSettingsInput } from '../../src/contracts/settings.js';
import { createOutreach } from '../../src/delivery/index.js';
import { makeId } from '../../src/lib/ids/make-id.js';
import { createResponseChannel } from '../../src/lib/channels/response-channel.js';
import { turn } from '../contracts/stores/under-test.js';
import { databaseText } from '../fakes/database-text.js';
import { ManualClock } from '../fakes/manual-clock.js';
import { i18n } from '../commands/open-shop.js';
import { openTestStore } from '../fakes/test-store.js';

/** Signals that the simulated process was killed. */
export class Killed extends Error {}

/** Kills the process at its n-th step, before or after the step took effect; `undefined`: never. */
export interface Kill {
  readonly atStep: number;
  readonly when: 'before' | 'after';
  /** If given, the process is not killed: this runs at that step, and the process continues. */
  readonly meanwhile?: () => Promise<unknown>;
}

export type FollowUpDesk = Awaited<ReturnType<typeof openFollowUpDesk>>;

/** Follow-ups on the real store, with a queue that the test runs by hand and processes that it can kill. */
export async function openFollowUpDesk(change: Partial<TenantSettingsInput> = {}) {
  const clock = new ManualClock();
  const store = await openTestStore({ clock });
  await store.service.putTenant('shop', tenantSettingsSchema.parse({ name: 'Toko', ...change }));
  const channel = createResponseChannel('web', clock);
  const waiting = new Map<string, Date>();
  const messages: string[] = [];
  let kill: Kill | undefined;
  let steps = 0;

  const step = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    steps += 1;
    const isLast = kill?.atStep === steps;
    const { when, meanwhile } = kill ?? {};
    const end = async (): Promise<void> => {
      if (meanwhile === undefined) throw new Killed();
      await meanwhile();
    };
    if (isLast && when === 'before') await end();
    const result = await work();
    if (isLast && when === 'after') await end();
    return result;
  };
  const stepping = <Service extends object>(service: Service): Service =>
    new Proxy(service, {
      get(target, name) {
        const member = Reflect.get(target, name) as unknown;
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) =>
          step(async () => (await Reflect.apply(member, target, args)) as unknown);
      },
    });

  const queue: JobQueue = {
    enqueue: (_type, _tenant, _data, { key = '', at = clock.now() } = {}) => {
      waiting.set(key, at);
      return Promise.resolve(key);
    },
    cancel: (_type, _tenant, key) => Promise.resolve(waiting.delete(key)),
    repeat: () => Promise.reject(new Error('not expected')),
    find: () => Promise.resolve(undefined),
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
  };
  const outreach = createOutreach({
    lanes: store.service.lanes,
    findAccount: (tenantId, id) => ({ channel, account: { id, tenantId, channel: 'web', config: {} } }),
    wake: () => undefined,
    clock,
  });
  const deps = {
    i18n,
    clock,
    makeId,
    queue: stepping(queue),
    outreach: stepping(outreach),
    events: stepping({
      emit: (_scope: TenantScope, type: string) => Promise.resolve(void messages.push(type)),
    }),
  };

  async function scope(): Promise<TenantScope> {
    const real = await store.service.scope('shop');
    if (real === undefined) throw new Error('no scope');
    return {
      ...real,
      turns: stepping(real.turns),
      store: <Store extends object>(definition: RoomStore<Store>) => stepping(real.store(definition)),
    };
  }

  /** A process: runs `work` until it ends or is killed. */
  async function process<Result>(
    work: (services: {
      followUps: FollowUps;
      sequences: Sequences;
      outreach: Outreach;
      scope: TenantScope;
    }) => Promise<Result>,
    killed?: Kill,
  ): Promise<Result | Killed> {
    kill = killed;
    steps = 0;
    const followUps = new FollowUps(deps);
    try {
      const sequences = new Sequences({ ...deps, followUps });
      const services = { followUps, sequences, outreach: deps.outreach, scope: await scope() };
      return await work(services);
    } catch (error) {
      if (error instanceof Killed) return error;
      throw error;
    } finally {
      kill = undefined;
    }
  }

  /** Runs the jobs that are due; a job whose process was killed is run again. */
  async function runDue(killed?: Kill): Promise<boolean> {
    let wasKilled = false;
    for (const [key, at] of [...waiting]) {
      if (at > clock.now()) continue;
      waiting.delete(key);
      const [job] = new FollowUps(deps).jobs();
      const run = { signal: new AbortController().signal, attempt: 1, progress: () => Promise.resolve() };
      const ended = await process(async (own) => job?.run(own.scope, { followUpId: key }, run), killed);
      if (!(ended instanceof Killed)) continue;
      wasKilled = true;
      if (!waiting.has(key)) waiting.set(key, at);
    }
    return wasKilled;
  }

  async function tenant(): Promise<TenantScope> {
    const tenantScope = await store.service.scope('shop');
    if (tenantScope === undefined) throw new Error('no scope');
    return tenantScope;
  }

  return {
    clock,
    waiting,
    /** Events that were emitted. */
    said: messages,
    process,
    runDue,
    tenant,
    jobName: followUpJob.name,

    async person(name: string) {
      const own = await tenant();
      const identity = { channel: 'web', accountId: 'web', userId: name };
      const contact = await own.contacts.ensure({ ...identity, name, at: clock.now() });
      const conversation = await own.conversations.ensure({
        id: makeId('c'),
        accountId: 'web',
        channel: 'web',
        contactId: contact.id,
        chat: { chatId: name, kind: 'direct' },
        title: name,
        at: clock.now(),
      });
      return { contact, conversation };
    },

    /** The person writes something and gets an answer. */
    async writes(conversationId: string, text: string) {
      const own = await tenant();
      const at = clock.now();
      await own.turns.commit(
        turn(makeId('t'), [makeId('e')], { conversationId, input: text, createdAt: at }),
      );
      await own.conversations.settle(conversationId, { last: { role: 'user', text, at } });
    },

    /** What the person was sent by jobs, oldest first. */
    async sentTo(conversationId: string): Promise<readonly string[]> {
      const turns = await (await tenant()).turns.recent(conversationId, 50);
      return turns.filter(({ origin }) => origin.type === 'job').map(({ answer }) => answer.text);
    },

    /** When it was sent, by the clock of the desk. */
    async sentAt(conversationId: string): Promise<readonly Date[]> {
      const turns = await (await tenant()).turns.recent(conversationId, 50);
      return turns.filter(({ origin }) => origin.type === 'job').map(({ createdAt }) => createdAt);
    },

    async followUp(id: string): Promise<FollowUp | undefined> {
      return (await tenant()).store(followUpStore).get(id);
    },

    async change(settings: Partial<TenantSettingsInput>) {
      await store.service.putTenant('shop', tenantSettingsSchema.parse({ name: 'Toko', ...settings }));
    },

    /** Everything in the store, as text. */
    everything: () => databaseText(store.connection),

    close: () => store.close(),
  };
}
