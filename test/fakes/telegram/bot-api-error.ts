/** A response with `{ok: false}`. */
export class BotApiError extends Error {
  constructor(
    readonly code: number,
    readonly description: string,
    readonly parameters: Readonly<Record<string, number>> = {},
  ) {
    super(`${code} ${description}`);
  }
}

export function badRequest(reason: string, parameters: Readonly<Record<string, number>> = {}): BotApiError {
  return new BotApiError(400, `Bad Request: ${reason}`, parameters);
}
