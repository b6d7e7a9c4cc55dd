import type { Contact, TenantScope } from '../contracts/stores.js';
import { API_ACCOUNT_ID } from '../lib/api-account.js';

/**
 * Staff are those who spent a code, and those whose ids on the platform the settings name. Where an
 * API client says a person writes is its word only, and gives no rights of that platform.
 */
export function isStaffMember(
  scope: TenantScope,
  contact: Contact,
  { accountId, channel }: { readonly accountId: string; readonly channel: string },
  userId: string | undefined,
): boolean {
  const place = accountId === API_ACCOUNT_ID ? API_ACCOUNT_ID : channel;
  return (
    contact.isStaff ||
    scope.settings.staff.some((member) => member.channel === place && member.user_id === userId)
  );
}
