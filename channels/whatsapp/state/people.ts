import { z } from 'zod';
import type { AccountState } from '../../../src/contracts/channel.js';
import { lidJid, userIdOf, type PersonIds } from '../jid.js';
import { fromBytes, toBytes } from './json-bytes.js';

const personSchema = z.object({ userId: z.string(), pn: z.string().optional(), lid: z.string().optional() });
/** As stored; unknown ids are missing or undefined. */
type Person = z.output<typeof personSchema>;

/** Maps addresses to people, so that a person with two addresses is one contact and one conversation. */
export interface People {
  /** The person's id in Sapa; `undefined` if no id is given. Remembers the ids. */
  userIdOf(ids: PersonIds): Promise<string | undefined>;
  /** All known ids of a person. */
  idsOf(ids: PersonIds): Promise<PersonIds>;
}

export function createPeople(
  state: AccountState,
  /** Reports that two people are the same; `false`: not merged, to be reported again later. */
  samePerson: (userId: string, formerId: string) => Promise<boolean>,
): People {
  const cache = new Map<string, Person | undefined>();
  let last: Promise<unknown> = Promise.resolve();

  const load = async (keys: readonly string[]): Promise<void> => {
    const missing = keys.filter((key) => !cache.has(key));
    if (missing.length === 0) return;
    const stored = await state.read(missing);
    for (const key of missing) {
      const bytes = stored.get(key);
      cache.set(key, bytes && personSchema.safeParse(fromBytes(bytes)).data);
    }
  };

  const lookUp = async (ids: PersonIds): Promise<readonly Person[]> => {
    const keys = keysOf(ids);
    await load(keys);
    return keys.flatMap((key) => cache.get(key) ?? []);
  };

  /** Combines everything known about the person. The first id stays, because conversations refer to it. */
  const learn = async (ids: PersonIds): Promise<Person | undefined> => {
    const before = await lookUp(ids);
    const userId = before[0]?.userId ?? userIdOf(ids);
    if (userId === undefined) return undefined;
    const other = before.find((person) => person.userId !== userId);
    // Not remembered until they are merged; the next message tries again.
    if (other !== undefined && !(await samePerson(userId, other.userId))) return before[0];
    const pn = ids.pn ?? before.find((person) => person.pn !== undefined)?.pn;
    const lid = ids.lid ?? before.find((person) => person.lid !== undefined)?.lid;
    const person: Person = {
      userId,
      ...(pn === undefined ? {} : { pn }),
      ...(lid === undefined ? {} : { lid }),
    };
    const outdated = keysOf(person).filter((key) => !isSame(cache.get(key), person));
    if (outdated.length > 0) {
      await state.write(new Map(outdated.map((key) => [key, toBytes(person)])));
      for (const key of outdated) cache.set(key, person);
    }
    return person;
  };

  return {
    userIdOf(ids) {
      const next = last.then(() => learn(ids)).then((person) => person?.userId);
      last = next.catch(() => undefined);
      return next;
    },
    async idsOf(ids) {
      const people = await lookUp(ids);
      const pn = ids.pn ?? people.find((person) => person.pn !== undefined)?.pn;
      const lid = ids.lid ?? people.find((person) => person.lid !== undefined)?.lid;
      return { ...(pn === undefined ? {} : { pn }), ...(lid === undefined ? {} : { lid }) };
    },
  };
}

function keysOf({ pn, lid }: Pick<Person, 'pn' | 'lid'>): readonly string[] {
  return [pn, lid === undefined ? undefined : lidJid(lid)].flatMap((id) =>
    id === undefined ? [] : [`person/${id}`],
  );
}

function isSame(a: Person | undefined, b: Person): boolean {
  return a?.userId === b.userId && a.pn === b.pn && a.lid === b.lid;
}
