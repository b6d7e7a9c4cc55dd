import { decrypt, encrypt } from '../../lib/encrypt.js';

export type HeaderMap = Readonly<Record<string, string>>;

/**
 * Encrypts the headers of a business's services, which may contain tokens, so that only their own tool or
 * server can read them.
 */
export interface HeaderVault {
  /** `owner`: the tool or server they belong to within the tenant. `undefined`: there are no headers. */
  seal(tenantId: string, owner: string, headers: HeaderMap): string | undefined;
  open(tenantId: string, owner: string, sealed: string | undefined): HeaderMap;
}

/** `key`: 32 bytes. */
export function headerVault(key: Uint8Array): HeaderVault {
  const placeOf = (tenantId: string, owner: string): string =>
    JSON.stringify(['tool headers', tenantId, owner]);
  return {
    seal(tenantId, owner, headers) {
      if (Object.keys(headers).length === 0) return undefined;
      return encrypt(key, Buffer.from(JSON.stringify(headers)), placeOf(tenantId, owner));
    },
    open(tenantId, owner, sealed) {
      if (sealed === undefined) return {};
      // Encrypted by us, so it contains what `seal` was given.
      return JSON.parse(decrypt(key, sealed, placeOf(tenantId, owner)).toString()) as HeaderMap;
    },
  };
}
