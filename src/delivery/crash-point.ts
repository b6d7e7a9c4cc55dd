/** Points between receiving a message and sending its answer at which tests kill the process. */
export const CRASH_POINTS = [
  'before-inbox',
  'after-inbox',
  'after-claim',
  'before-turn',
  'in-model',
  'before-open',
  'after-open',
  'before-commit',
  'after-commit',
  'before-mark-sending',
  'before-send',
  'after-send',
  'after-receipt',
  'before-release',
] as const;
export type CrashPoint = (typeof CRASH_POINTS)[number];

/** Called at each point; does nothing outside crash tests. */
export type AtCrashPoint = (point: CrashPoint) => void;
