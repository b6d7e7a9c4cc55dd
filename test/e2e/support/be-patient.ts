import { vi } from 'vitest';

/** The tests run real processes on a shared machine: the limit only serves to end a hang, in ms. */
const PATIENCE_MS = 120_000;

export function bePatient(): void {
  vi.setConfig({ testTimeout: PATIENCE_MS, hookTimeout: PATIENCE_MS });
}
