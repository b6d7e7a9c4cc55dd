import { vi } from 'vitest';

/** Real processes on a machine that others use too: a limit is there to end a hang, nothing else. */
const PATIENCE_MS = 120_000;

export function bePatient(): void {
  vi.setConfig({ testTimeout: PATIENCE_MS, hookTimeout: PATIENCE_MS });
}
