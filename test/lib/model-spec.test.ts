import { describe, expect, it } from 'vitest';
import { parseModelSpec } from '../../src/lib/model-spec.js';

describe('the name of a model in a chain', () => {
  it.each([
    ['openai', { provider: 'openai', model: undefined }],
    ['openai:gpt-5-mini', { provider: 'openai', model: 'gpt-5-mini' }],
    ['ollama:llama3.1:8b', { provider: 'ollama', model: 'llama3.1:8b' }],
    [' vllm : org/model ', { provider: 'vllm', model: 'org/model' }],
    ['vllm:', { provider: 'vllm', model: '' }],
  ])('%j has a provider before the first colon', (spec, parts) => {
    expect(parseModelSpec(spec)).toEqual(parts);
  });
});
