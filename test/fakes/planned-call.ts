import type { PlannedCall } from '../../src/contracts/model.js';

/** A call whose request costs `costMicros` and which may cost `mostMicros` in all. */
export function plannedCall(mostMicros: number, costMicros?: number): PlannedCall {
  return {
    provider: 'scripted',
    model: 'scripted',
    usage: { inputTokens: 40, outputTokens: 0 },
    ...(costMicros === undefined ? {} : { costMicros }),
    mostMicros,
  };
}
