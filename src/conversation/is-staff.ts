import type { Sender } from '../contracts/channel.js';
import type { Contact, TenantScope } from '../contracts/stores.js';
import { API_ACCOUNT_ID } from '../lib/api-account.js';

/**
 * Staff are those who spent a code, those whose ids on the platform the settings name, and those whom
 * the platform itself calls so. Where an
 * API client says a person writes is its word only, and gives no rights of that platform.
 */
export function isStaffMember(
  scope: TenantScope,
  contact: Contact,
  { accountId, channel }: { readonly accountId: string; readonly channel: string },
  sender: Partial<Pick<Sender, 'id' | 'isStaff'>> | undefined,
): boolean {
  const place = accountId === API_ACCOUNT_ID ? API_ACCOUNT_ID : channel;
  return (
    contact.isStaff ||
    sender?.isStaff === true ||
    scope.settings.staff.some((member) => member.channel === place && member.user_id === sender?.id)
  );
}
