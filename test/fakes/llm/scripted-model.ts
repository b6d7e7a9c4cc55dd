import {
  ModelError,
  type LanguageModel,
  type ModelRequest,
  type ModelStreamPart,
} from '../../../src/contracts/model.js';

/** What one call of the model does: yields parts, throws an error, or hangs until it is aborted. */
export type Act = readonly (ModelStreamPart | ModelError | 'hang')[];

export interface ScriptedModel extends LanguageModel {
  readonly requests: ModelRequest[];
  readonly signals: AbortSignal[];
}

/** A language model that performs one act per call and repeats the last one. Throws if it has no acts. */
export function createScriptedModel(name: string, ...acts: readonly Act[]): ScriptedModel {
  const requests: ModelRequest[] = [];
  const signals: AbortSignal[] = [];
  async function* stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelStreamPart> {
    const act = acts[Math.min(requests.length, acts.length - 1)];
    requests.push(request);
    signals.push(signal);
    if (act === undefined) throw new Error(`${name} was not meant to be called`);
    for (const step of act) {
      if (step === 'hang') await untilAborted(name, signal);
      else if (step instanceof ModelError) throw step;
      else yield step;
    }
  }
  return {
    provider: name,
    model: 'scripted',
    capabilities: { tools: true, images: true, pdfs: true, contextTokens: 100_000, groundedOnly: false },
    requests,
    signals,
    stream,
  };
}

export function text(value: string): ModelStreamPart {
  return { type: 'text-delta', text: value };
}

export const finish: Extract<ModelStreamPart, { type: 'finish' }> = {
  type: 'finish',
  reason: 'stop',
  rawReason: 'stop',
  usage: { inputTokens: 1, outputTokens: 1 },
};

function untilAborted(name: string, signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const fail = (): void => reject(new ModelError('aborted', name, 'aborted'));
    if (signal.aborted) fail();
    signal.addEventListener('abort', fail, { once: true });
  });
}
