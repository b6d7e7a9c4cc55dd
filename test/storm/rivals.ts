import { startSapa, type RunningSapa, type StartOptions } from '../e2e/support/start-sapa.js';
import type { Random } from './random.js';

/** Two processes that compete for the same accounts; one of them is killed now and then. */
export class Rivals {
  private readonly processes: RunningSapa[] = [];
  private readonly logs: string[] = [];
  /** When, in ms of the machine's clock. */
  readonly kills: number[] = [];

  constructor(private readonly options: StartOptions) {}

  async start(): Promise<void> {
    // One after the other: the first makes the data folder.
    for (let count = 0; count < 2; count++) this.processes.push(await startSapa(this.options));
  }

  /** One that runs now. */
  get one(): RunningSapa {
    const [first] = this.processes;
    if (first === undefined) throw new Error('no process runs');
    return first;
  }

  /** Ends one without warning, and starts another in its place. */
  async killOne(random: Random): Promise<void> {
    const [victim] = this.processes.splice(random.between(0, this.processes.length - 1), 1);
    if (victim === undefined) return;
    this.kills.push(Date.now());
    await victim.kill();
    this.logs.push(victim.output());
    this.processes.push(await startSapa(this.options));
  }

  async stop(): Promise<void> {
    for (const sapa of this.processes.splice(0)) {
      await sapa.stop();
      this.logs.push(sapa.output());
    }
  }

  /** Everything that all of them wrote. */
  get log(): string {
    return [...this.logs, ...this.processes.map((sapa) => sapa.output())].join('\n');
  }
}
