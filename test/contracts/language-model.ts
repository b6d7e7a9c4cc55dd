import { describe, expect, it } from 'vitest';
import {
  ModelError,
  type LanguageModel,
  type ModelRequest,
  type ModelStreamPart,
} from '../../src/contracts/model.js';

export interface LanguageModelUnderTest {
  readonly model: LanguageModel;
  /** A request that the model answers with some text. */
  readonly request: ModelRequest;
  close(): Promise<void>;
}

/** The contract between every model and the router, whichever vendor is used. */
export function languageModelContract(name: string, start: () => Promise<LanguageModelUnderTest>): void {
  const using = async (run: (test: LanguageModelUnderTest) => Promise<void>): Promise<void> => {
    const test = await start();
    try {
      await run(test);
    } finally {
      await test.close();
    }
  };

  describe(`the ${name} model`, () => {
    it('streams text and finishes exactly once', () =>
      using(async ({ model, request }) => {
        const parts = await collect(model.stream(request, new AbortController().signal));
        expect(textOf(parts)).not.toBe('');
        expect(parts.filter((part) => part.type === 'finish')).toHaveLength(1);
        expect(parts.at(-1)?.type).toBe('finish');
      }));

    it('answers two requests at once without mixing them up', () =>
      using(async ({ model, request }) => {
        const { signal } = new AbortController();
        const both = await Promise.all([
          collect(model.stream(request, signal)),
          collect(model.stream(request, signal)),
        ]);
        expect(textOf(both[0])).toBe(textOf(both[1]));
      }));

    it('refuses to start for a signal that is already aborted', () =>
      using(async ({ model, request }) => {
        const error = await failureOf(model.stream(request, AbortSignal.abort()));
        expect(error.kind).toBe('aborted');
      }));

    it('reports an abort midway as aborted', () =>
      using(async ({ model, request }) => {
        const controller = new AbortController();
        const run = async (): Promise<void> => {
          for await (const part of model.stream(request, controller.signal)) {
            if (part.type === 'text-delta') controller.abort();
          }
        };
        const error = await run().then(() => undefined, toModelError);
        expect(error?.kind).toBe('aborted');
      }));

    it('can be used again after a reader left early', () =>
      using(async ({ model, request }) => {
        const { signal } = new AbortController();
        for await (const part of model.stream(request, signal)) if (part.type === 'text-delta') break;
        expect(textOf(await collect(model.stream(request, signal)))).not.toBe('');
      }));

    it('describes itself with a context window and names that fit into a chain', () =>
      using(({ model }) => {
        expect(model.provider).toMatch(/^[a-z0-9_-]+$/u);
        expect(model.model).not.toBe('');
        expect(model.capabilities.contextTokens).toBeGreaterThan(1000);
        return Promise.resolve();
      }));
  });
}

export async function collect<Part>(stream: AsyncIterable<Part>): Promise<Part[]> {
  const parts: Part[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

export function textOf(parts: readonly ModelStreamPart[]): string {
  return parts.map((part) => (part.type === 'text-delta' ? part.text : '')).join('');
}

/** The error a stream ends with; fails the test if the stream succeeds. */
export async function failureOf(stream: AsyncIterable<unknown>): Promise<ModelError> {
  return collect(stream).then(() => {
    throw new Error('the stream was expected to fail');
  }, toModelError);
}

function toModelError(error: unknown): ModelError {
  expect(error).toBeInstanceOf(ModelError);
  return error as ModelError;
}
