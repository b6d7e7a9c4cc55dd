import type { Curve } from '@whiskeysockets/baileys';
import type { Connection } from './connection.js';
import type { Faults } from './faults.js';
import { FakeGroup, type GroupOptions } from './group.js';
import type { Journal } from './journal.js';
import type { MediaHost } from './media-host.js';
import { parseJid } from './nodes.js';
import { FakePerson } from './person.js';
import { FakePhone } from './phone.js';

export interface WorldParts {
  readonly journal: Journal;
  readonly faults: Faults;
  readonly media: MediaHost;
  readonly root: ReturnType<typeof Curve.generateKeyPair>;
}

/** All people, groups and connections of this WhatsApp. */
export class World {
  readonly connections = new Set<Connection>();
  /** Clients older than this are refused with 405. */
  oldestVersion: readonly [number, number, number] = [2, 3000, 0];
  /** Reports that a new device already left keys here, so that it creates five instead of hundreds. */
  hasKeysOfNewDevices = false;
  private readonly users = new Map<string, FakePerson>();
  private readonly groups = new Map<string, FakeGroup>();
  private lastConnection = 0;

  constructor(private readonly parts: WorldParts) {}

  get journal(): Journal {
    return this.parts.journal;
  }

  get faults(): Faults {
    return this.parts.faults;
  }

  get media(): MediaHost {
    return this.parts.media;
  }

  get root(): WorldParts['root'] {
    return this.parts.root;
  }

  nextConnection(): number {
    return ++this.lastConnection;
  }

  /** The person with this phone number; created on first use. */
  person(pn: string, name = `Person ${pn.slice(-4)}`): FakePerson {
    const existing = this.users.get(pn);
    return existing ?? this.add(new FakePerson(this, pn, lidOf(pn), name));
  }

  /** The phone of the business with this number; created on first use. */
  phone(pn: string, name = `Business ${pn.slice(-4)}`): FakePhone {
    const existing = this.users.get(pn);
    if (existing instanceof FakePhone) return existing;
    return this.add(new FakePhone(this, pn, lidOf(pn), name));
  }

  group(id: string, subject: string, members: readonly FakePerson[], options: GroupOptions = {}): FakeGroup {
    const group = new FakeGroup(`${id}@g.us`, subject, members, options);
    this.groups.set(group.jid, group);
    return group;
  }

  findGroup(jid: string): FakeGroup | undefined {
    return this.groups.get(jid);
  }

  /** Finds a person by phone number or LID, with or without device and server. */
  find(user: string): FakePerson | undefined {
    return this.users.get(user.includes('@') ? parseJid(user).user : user);
  }

  waitingForPairing(): readonly Connection[] {
    return [...this.connections].filter((connection) => connection.registration !== undefined);
  }

  private add<T extends FakePerson>(person: T): T {
    this.users.set(person.pn, person);
    this.users.set(person.lid, person);
    return person;
  }
}

/** Real LIDs reveal nothing about the number; these are derived from it so that tests can predict them. */
function lidOf(pn: string): string {
  return String(100_000_000_000_000n + BigInt(pn));
}
