import type { Clock } from '../contracts/runtime.js';

/** Nobody reads more answers than this in a minute. */
const MOST_TURNS = 120;
const WITHIN_MS = 60_000;
/** People are forgotten when there are more, and nobody of them wrote for that long. */
const MOST_PEOPLE = 10_000;

interface Writer {
  /** Newest last; of what was not answered, too. */
  readonly times: number[];
  wasTold: boolean;
}

/**
 * One person alone must not use up what a business spends on answers: whoever goes on and on hears
 * once that it is too much, and then nothing until they have written less for a minute.
 */
export class FloodLimit {
  private readonly people = new Map<string, Writer>();

  constructor(
    private readonly clock: Pick<Clock, 'monotonicMs'>,
    private readonly mostTurns = MOST_TURNS,
  ) {}

  /** Asked once for each turn. */
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
