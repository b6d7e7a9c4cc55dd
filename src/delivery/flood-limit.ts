import type { Clock } from '../contracts/runtime.js';

/** Nobody reads more answers than this in a minute. */
const MOST_TURNS = 120;
const WITHIN_MS = 60_000;
/** Beyond this number, people who have not written for a minute are forgotten. */
const MOST_PEOPLE = 10_000;

interface Writer {
  /** Newest last; includes messages that were not answered. */
  readonly times: number[];
  wasTold: boolean;
}

/**
 * Keeps one person from using up a business's budget for answers: somebody who writes without end is told
 * once that it is too much, and then gets no answer until they have written less for a minute.
 */
export class FloodLimit {
  private readonly people = new Map<string, Writer>();

  constructor(
    private readonly clock: Pick<Clock, 'monotonicMs'>,
    private readonly mostTurns = MOST_TURNS,
  ) {}

  /** Call once per turn. */
  judge(person: string): 'answer' | 'tell' | 'silence' {
    const now = this.clock.monotonicMs();
    const writer = this.people.get(person) ?? { times: [], wasTold: false };
    this.people.set(person, writer);
    const { times } = writer;
    times.push(now);
    while ((times[0] ?? now) <= now - WITHIN_MS || times.length > this.mostTurns + 1) times.shift();
    this.forgetOld(now);
    if (times.length <= this.mostTurns) {
      writer.wasTold = false;
      return 'answer';
    }
    if (writer.wasTold) return 'silence';
    writer.wasTold = true;
    return 'tell';
  }

  private forgetOld(now: number): void {
    if (this.people.size <= MOST_PEOPLE) return;
    for (const [person, { times }] of this.people) {
      if ((times.at(-1) ?? 0) <= now - WITHIN_MS) this.people.delete(person);
    }
  }
}
