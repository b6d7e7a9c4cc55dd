import type { BinaryNode } from '@whiskeysockets/baileys';
import { node, nowSeconds } from './nodes.js';
import type { FakePerson } from './person.js';

export interface GroupOptions {
  readonly addressing?: 'pn' | 'lid';
  /** After how many seconds messages disappear. */
  readonly ephemeral?: number;
}

/** A group chat of people and business numbers. */
export class FakeGroup {
  private readonly addressing: 'pn' | 'lid';

  constructor(
    readonly jid: string,
    readonly subject: string,
    readonly members: readonly FakePerson[],
    private readonly options: GroupOptions = {},
  ) {
    this.addressing = options.addressing ?? 'lid';
  }

  idOf(member: FakePerson): string {
    return this.addressing === 'lid' ? member.lidJid : member.pnJid;
  }

  /** The attributes with which the server names the sender of a message in this group. */
  address(member: FakePerson): Readonly<Record<string, string | undefined>> {
    const other =
      this.addressing === 'lid' ? { participant_pn: member.pnJid } : { participant_lid: member.lidJid };
    return { from: this.jid, participant: this.idOf(member), addressing_mode: this.addressing, ...other };
  }

  metadata(): BinaryNode {
    const { ephemeral } = this.options;
    const [id = ''] = this.jid.split('@');
    const members = this.members.map((member) =>
      node('participant', {
        jid: this.idOf(member),
        ...(this.addressing === 'lid' ? { phone_number: member.pnJid } : { lid: member.lidJid }),
      }),
    );
    return node(
      'group',
      {
        id,
        subject: this.subject,
        s_t: nowSeconds(),
        creation: nowSeconds(),
        addressing_mode: this.addressing,
        size: String(members.length),
      },
      [
        ...members,
        ...(ephemeral === undefined ? [] : [node('ephemeral', { expiration: String(ephemeral) })]),
      ],
    );
  }
}
