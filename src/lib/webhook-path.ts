import type { Channel } from '../contracts/channel.js';

/** The route that platforms call, as route tables write it. */
export const WEBHOOK_PATH = '/v1/webhooks/{channel}/{account}';

/** The address to give to a platform; `publicUrl` is without a slash at its end. */
export function webhookUrl(publicUrl: string, channel: string, accountId: string): string {
  const path = WEBHOOK_PATH.replace('{channel}', encodeURIComponent(channel));
  return publicUrl + path.replace('{account}', encodeURIComponent(accountId));
}

/** Whether the platform is to call an account with this config, and cannot be told where. */
export function lacksPublicUrl(
  channel: Pick<Channel, 'webhook'> | undefined,
  config: unknown,
  publicUrl: string | undefined,
): boolean {
  return publicUrl === undefined && channel?.webhook?.isUsedBy(config) === true;
}
