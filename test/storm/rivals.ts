import { startSapa, type RunningSapa, type StartOptions } from '../e2e/support/start-sapa.js';
import type { Random } from './random.js';

/** Two processes that compete for the same accounts; now and then one of them is killed. */
export class Rivals {
  private readonly processes: RunningSapa[] = [];
  private readonly logs: string[] = [];
  /** Times of the kills, in ms since the epoch. */
  readonly kills: number[] = [];

  constructor(private readonly options: StartOptions) {}

  async start(): Promise<void> {
    // Started one after the other, because the first creates the data folder.
    for (let count = 0; count < 2; count++) this.processes.push(await startSapa(this.options));
  }

  /** A process that is running. */
  get one(): RunningSapa {
    const [first] = this.processes;
    if (first === undefined) throw new Error('no process runs');
    return first;
  }

  /** Kills a process without warning and starts another in its place. */
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

  /** The output of all processes so far. */
  get log(): string {
    return [...this.logs, ...this.processes.map((sapa) => sapa.output())].join('\n');
  }
}
