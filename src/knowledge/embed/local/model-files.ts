/** The quantised model in the transformers.js layout: a quarter of the size, almost the same vectors. */
export const MODEL_FILE = 'onnx/model_quantized.onnx';

/** Everything a model needs, the largest file last: once it exists, the others do, too. */
export const MODEL_FILES = [
  'config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  MODEL_FILE,
] as const;
