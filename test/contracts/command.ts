import { describe, expect, it } from 'vitest';
import type { Command, CommandReply } from '../../src/contracts/command.js';
import type { I18n } from '../../src/contracts/i18n.js';
import { LOCALES, type Locale } from '../../src/contracts/message.js';

/** What people type by accident or on purpose; none of it may break a command. */
const ODD_ARGUMENTS = [
  '',
  '   ',
  '|',
  '||',
  '-1',
  '999999999999999999999',
  '$ne',
  '{"$gt":""}',
  '__proto__',
  '../../etc/passwd',
  '<script>alert(1)</script>',
  'a'.repeat(5000),
  '\u0000\u202e\u{e0041}',
  '👩‍👩‍👧‍👦'.repeat(200),
  'ﷺ'.repeat(300),
];

/** Longest reply: it must fit the largest platform limit in a few messages. */
const LONGEST_REPLY = 16_000;

export interface CommandTestbed {
  readonly i18n: I18n;
  /** Writes `/name argumentText` as someone who may. */
  run(command: Command<never>, argumentText: string, locale: Locale): Promise<CommandReply>;
}

/** What every chat command keeps, whatever it is for. */
export function commandContract(command: Command<never>, testbed: () => CommandTestbed): void {
  describe(`/${command.name}`, () => {
    it('has a name every platform takes, and says what it does in every language', () => {
      expect(command.name).toMatch(/^[a-z][a-z0-9_]{0,31}$/);
      for (const locale of LOCALES) {
        const t = testbed().i18n.translator(locale);
        expect(t(command.description)).not.toBe('');
        expect(t(command.usage)).toContain(`/${command.name}`);
      }
    });

    it.each(LOCALES)('answers with words in %s, even to nothing', async (locale) => {
      const reply = await testbed().run(command, '', locale);
      expect(reply.text.trim()).not.toBe('');
      expect(reply.text.length).toBeLessThan(LONGEST_REPLY);
    });

    it('takes odd arguments as mistakes of the person, not as errors', async () => {
      for (const argumentText of ODD_ARGUMENTS) {
        const reply = await testbed().run(command, argumentText, 'en');
        expect(reply.text.trim(), JSON.stringify(argumentText.slice(0, 40))).not.toBe('');
      }
    });

    it('offers only buttons that fit the smallest platform', async () => {
      const reply = await testbed().run(command, '', 'id');
      for (const button of (reply.buttons ?? []).flat()) {
        expect(Buffer.byteLength(button.action)).toBeLessThanOrEqual(64);
        expect(button.label).not.toBe('');
      }
    });
  });
}
