import type { Channel } from '../../contracts/channel.js';

/** The route platforms call, in route table syntax. */
export const WEBHOOK_PATH = '/v1/webhooks/{channel}/{account}';

/** The address to register with a platform; `publicUrl` has no trailing slash. */
export function webhookUrl(publicUrl: string, channel: string, accountId: string): string {
  const path = WEBHOOK_PATH.replace('{channel}', encodeURIComponent(channel));
  return publicUrl + path.replace('{account}', encodeURIComponent(accountId));
}

/** Whether the platform needs to call an account with this config but has no address to call. */
export function lacksPublicUrl(
  channel: Pick<Channel, 'webhook'> | undefined,
  config: unknown,
  publicUrl: string | undefined,
): boolean {
  return publicUrl === undefined && channel?.webhook?.isUsedBy(config) === true;
}
