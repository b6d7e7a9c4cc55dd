/** Time as a dependency, so that tests can control it. */
export interface Clock {
  /** Wall-clock time, for records and schedules. */
  now(): Date;
  /** Milliseconds that never go backwards, for deadlines and measurements. */
  monotonicMs(): number;
  /** Resolves after `ms`, or rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Makes opaque ids: `<prefix>_<22 url-safe characters>`, at least 128 bits of entropy. */
export type MakeId = (prefix: string) => string;

/** The only way to make an HTTP request; tests and the outbound policy hook in here. */
export type Fetch = typeof globalThis.fetch;

type LogMethod = (facts: Record<string, unknown>, sentence: string) => void;

/** Fields first, message last. The implementation redacts secrets and message texts. */
export interface Logger {
  debug: LogMethod;
  info: LogMethod;
  warn: LogMethod;
  error: LogMethod;
  child(bindings: Record<string, unknown>): Logger;
}
