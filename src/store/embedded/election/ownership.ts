import { open, type RootDatabase } from 'lmdb';
import { z } from 'zod';
import { ownIdentity, processState, type ProcessIdentity } from './process-identity.js';

const RECORD_KEY = 'owner';
const ROOM_KEY = 'room';
const FILLER_KEY = 'filler';
const ROOM_BYTES = 64 * 1024;

const OwnerRecord = z.object({
  pid: z.number(),
  startTicks: z.string().optional(),
  bootId: z.string().optional(),
  pidSpace: z.string().optional(),
  /** Distinguishes two openings in the same process. */
  instance: z.string(),
});

type Owner = ProcessIdentity & { readonly instance: string };

/**
 * Which process serves a data folder: one record in a small lmdb environment of its own. It is read and
 * changed in a write transaction, whose lock lmdb shares between processes and releases when its holder dies,
 * so two processes can never both win.
 */
export class Ownership {
  readonly #env: RootDatabase<string, string>;

  constructor(
    path: string,
    private readonly instance: string,
  ) {
    this.#env = open<string, string>({ path, encoding: 'string', overlappingSync: false, maxDbs: 1 });
    this.#makeRoom();
  }

  /** Leaves free pages in a new file, so that an owner can be recorded even if the disk is full. */
  #makeRoom(): void {
    try {
      this.#env.transactionSync(() => {
        if (this.#env.get(ROOM_KEY) !== undefined) return;
        void this.#env.put(FILLER_KEY, ' '.repeat(ROOM_BYTES));
        void this.#env.put(ROOM_KEY, 'made');
      });
      if (this.#env.get(FILLER_KEY) !== undefined) {
        this.#env.transactionSync(() => void this.#env.remove(FILLER_KEY));
      }
    } catch {
      // The disk is already full; the claim may still find a free page.
    }
  }

  /**
   * Becomes the owner if there is none or the owner's process is gone. `answers` says whether the socket was
   * being served just now: an owner in another container is considered dead only if it was not.
   */
  claim(answers: boolean): boolean {
    return this.#env.transactionSync(() => {
      const owner = this.#read();
      if (owner && owner.instance !== this.instance && isAlive(owner, answers)) return false;
      const record: Owner = { ...ownIdentity(), instance: this.instance };
      void this.#env.put(RECORD_KEY, JSON.stringify(record));
      return true;
    });
  }

  /** Gives up ownership; does nothing if somebody else is the owner. */
  release(): void {
    this.#env.transactionSync(() => {
      if (this.#read()?.instance === this.instance) void this.#env.remove(RECORD_KEY);
    });
  }

  #read(): Owner | undefined {
    const text = this.#env.get(RECORD_KEY);
    if (text === undefined) return undefined;
    const { pid, startTicks, bootId, pidSpace, instance } = OwnerRecord.parse(JSON.parse(text));
    return { pid, startTicks, bootId, pidSpace, instance };
  }

  async close(): Promise<void> {
    await this.#env.close();
  }
}

function isAlive(owner: Owner, answers: boolean): boolean {
  const state = processState(owner);
  switch (state) {
    case 'running':
      return true;
    case 'gone':
      return false;
    case 'unknown':
      return answers;
    default:
      return state satisfies never;
  }
}
