/** What a key may be limited to: parts of the API, each to read or to write. */
export const AREAS = [
  'actions',
  'appointments',
  'audit',
  'channels',
  'chat',
  'contacts',
  'conversations',
  'faq',
  'follow-ups',
  'hooks',
  'interactions',
  'keys',
  'knowledge',
  'mcp',
  'openai',
  'reports',
  'settings',
  'tables',
  'tenants',
  'tools',
  'unanswered',
  'usage',
] as const;

/** `write` includes `read`. Rooms outside this house may name areas of their own. */
export type Permission = `${string}:${'read' | 'write'}`;

export const PERMISSIONS: readonly Permission[] = AREAS.flatMap((area): Permission[] => [
  `${area}:read`,
  `${area}:write`,
]);

/** Whether somebody with these scopes may do it; without scopes, everything. */
export function mayDo(scopes: readonly Permission[] | undefined, permission: Permission): boolean {
  if (scopes === undefined || scopes.includes(permission)) return true;
  return permission.endsWith(':read') && scopes.includes(`${permission.slice(0, -':read'.length)}:write`);
}
