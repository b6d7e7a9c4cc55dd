/** Parses `provider:model`, the notation for a model in a chain; the model may be omitted. */
export function parseModelSpec(spec: string): {
  readonly provider: string;
  readonly model: string | undefined;
} {
  const colon = spec.indexOf(':');
  return colon < 0
    ? { provider: spec.trim(), model: undefined }
    : { provider: spec.slice(0, colon).trim(), model: spec.slice(colon + 1).trim() };
}
