import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pause } from '../../support/wait.js';

const LOOK_EVERY_MS = 50;

/** A script loaded before the service, which moves its clock ahead by the number of ms in a file. */
const scriptFor = (file: string): string => `
import { readFileSync } from 'node:fs';
const Real = Date;
const look = () => { aheadMs = Number(readFileSync(${JSON.stringify(file)}, 'utf8')); };
let aheadMs = 0;
look();
setInterval(look, ${LOOK_EVERY_MS}).unref();
globalThis.Date = class Date extends Real {
  constructor(...given) { if (given.length === 0) super(Real.now() + aheadMs); else super(...given); }
  static now() { return Real.now() + aheadMs; }
};`;

/** The clock of a service in its own process; moving it looks like a jump of the machine's clock. */
export interface MovedClock {
  /** Environment variables for the process. */
  readonly env: Readonly<Record<string, string>>;
  now(): Date;
  jump(byMs: number): Promise<void>;
  set(time: string): Promise<void>;
  close(): Promise<void>;
}

export async function openMovedClock(): Promise<MovedClock> {
  const folder = await mkdtemp(join(tmpdir(), 'sapa-clock-'));
  const [ahead, script] = [join(folder, 'ahead'), join(folder, 'clock.mjs')];
  let aheadMs = 0;
  const move = async (ms: number): Promise<void> => {
    aheadMs = ms;
    await writeFile(ahead, String(ms));
    await pause(4 * LOOK_EVERY_MS);
  };
  await move(0);
  await writeFile(script, scriptFor(ahead));
  return {
    env: { NODE_OPTIONS: `--import ${pathToFileURL(script).href}` },
    now: () => new Date(Date.now() + aheadMs),
    jump: (byMs) => move(aheadMs + byMs),
    set: (time) => move(Date.parse(time) - Date.now()),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}
