/** An error response. */
export class DiscordRefusal extends Error {
  constructor(
    readonly status: number,
    readonly code: number,
    message: string,
    readonly errors?: Readonly<Record<string, unknown>>,
  ) {
    super(message);
  }
}

export const unauthorized = (): DiscordRefusal => new DiscordRefusal(401, 0, '401: Unauthorized');
export const notFound = (): DiscordRefusal => new DiscordRefusal(404, 0, '404: Not Found');
export const unknownChannel = (): DiscordRefusal => new DiscordRefusal(404, 10003, 'Unknown Channel');
export const unknownMessage = (): DiscordRefusal => new DiscordRefusal(404, 10008, 'Unknown Message');
export const unknownInteraction = (): DiscordRefusal => new DiscordRefusal(404, 10062, 'Unknown interaction');
export const invalidToken = (): DiscordRefusal => new DiscordRefusal(401, 50027, 'Invalid Webhook Token');
export const missingAccess = (): DiscordRefusal => new DiscordRefusal(403, 50001, 'Missing Access');
export const missingPermissions = (): DiscordRefusal => new DiscordRefusal(403, 50013, 'Missing Permissions');

/** `Invalid Form Body`; `field` may be a dotted path. */
export function invalidForm(field: string, code: string, message: string): DiscordRefusal {
  const leaf: Record<string, unknown> = { _errors: [{ code, message }] };
  const errors = field
    .split('.')
    .reverse()
    .reduce<Record<string, unknown>>((inner, name) => ({ [name]: inner }), leaf);
  return new DiscordRefusal(400, 50035, 'Invalid Form Body', errors);
}
