/** The quantised model of the transformers.js layout: a quarter of the size, nearly the same vectors. */
export const MODEL_FILE = 'onnx/model_quantized.onnx';

/** Everything a model needs, the largest last: when it is there, the others are. */
export const MODEL_FILES = [
  'config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  MODEL_FILE,
] as const;
