import type { Locale } from '../message.js';

export interface Contact {
  readonly id: string;
  readonly name?: string;
  readonly locale?: Locale;
  readonly identities: readonly {
    readonly channel: string;
    readonly accountId: string;
    readonly userId: string;
  }[];
  readonly isStaff: boolean;
  readonly createdAt: Date;
}

export interface ContactStore {
  /** The contact with this identity, made on first sight; parallel calls make one. */
  ensure(identity: {
    readonly channel: string;
    readonly accountId: string;
    readonly userId: string;
    readonly name?: string;
    readonly at: Date;
  }): Promise<Contact>;
  get(id: string): Promise<Contact | undefined>;
  /** Who may use staff commands: those who claimed it, and those with one of these identities. */
  staff(
    named: readonly { readonly channel: string; readonly user_id: string }[],
  ): Promise<readonly Contact[]>;
  update(
    id: string,
    change: { readonly name?: string; readonly locale?: Locale; readonly isStaff?: boolean },
  ): Promise<Contact | undefined>;
}
