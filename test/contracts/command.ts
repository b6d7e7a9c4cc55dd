import { describe, expect, it } from 'vitest';
import type { Command, CommandAction, CommandReply } from '../../src/contracts/command.js';
import type { I18n } from '../../src/contracts/i18n.js';
import { commandMenu } from '../../src/conversation/commands/command-menu.js';
import { commandUsage } from '../../src/lib/text/command-usage.js';
import { LOCALES, type Locale } from '../../src/contracts/message.js';

/** Arguments that people may type by accident or on purpose; none of them may break a command. */
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

/** The smallest limits of any platform. */
const NAME = /^[a-z][a-z0-9_]{0,31}$/;
const LONGEST_DESCRIPTION = 100;
const MOST_OPTIONS = 25;

function forms(command: Command<never>): readonly (readonly [string, CommandAction<never>])[] {
  return [[command.name, command], ...Object.entries(command.subcommands ?? {})];
}

/** Longest reply, in characters: it must fit into a few messages of the largest platform limit. */
const LONGEST_REPLY = 16_000;

export interface CommandTestbed {
  readonly i18n: I18n;
  /** Runs `/name argumentText` as someone with permission. */
  run(command: Command<never>, argumentText: string, locale: Locale): Promise<CommandReply>;
}

/** The contract of every chat command. */
export function commandContract(command: Command<never>, testbed: () => CommandTestbed): void {
  describe(`/${command.name}`, () => {
    it('has a name that every platform accepts, and a description in every language', () => {
      expect(command.name).toMatch(NAME);
      for (const locale of LOCALES) {
        const t = testbed().i18n.translator(locale);
        for (const [, { description, options }] of forms(command)) {
          for (const key of [description, ...Object.values(options).map((each) => each.description)]) {
            expect(t(key).length, key).toBeGreaterThan(1);
            expect(t(key).length, key).toBeLessThanOrEqual(LONGEST_DESCRIPTION);
          }
        }
      }
    });

    it('has only options that every platform supports', () => {
      const subcommands = Object.keys(command.subcommands ?? {});
      expect(subcommands.length).toBeLessThanOrEqual(MOST_OPTIONS);
      if (subcommands.length > 0) expect(Object.keys(command.options)).toEqual([]);
      for (const [name, { options, suggest = {} }] of forms(command)) {
        const entries = Object.entries(options);
        expect(entries.length).toBeLessThanOrEqual(MOST_OPTIONS);
        for (const option of [name, ...Object.keys(options)]) expect(option).toMatch(NAME);
        expect(Object.keys(suggest).filter((option) => !(option in options))).toEqual([]);
        for (const [, option] of entries) {
          if (option.type === 'choice') expect(option.choices.length).toBeLessThanOrEqual(MOST_OPTIONS);
        }
      }
    });

    it('lists required options before optional ones, as platforms demand', () => {
      const [entry] = commandMenu([command as Command], testbed().i18n);
      for (const { options } of [entry, ...(entry?.subcommands ?? [])].flatMap((each) => each ?? [])) {
        const required = options.map((option) => option.required);
        expect(required.lastIndexOf(true)).toBeLessThan(required.indexOf(false) >>> 0);
      }
    });

    it('describes its usage in every language', () => {
      for (const locale of LOCALES) {
        const t = testbed().i18n.translator(locale);
        expect(commandUsage(command, undefined, t)).toContain(`/${command.name}`);
      }
    });

    it.each(LOCALES)('answers with text in %s, even without arguments', async (locale) => {
      const reply = await testbed().run(command, '', locale);
      expect(reply.text.trim()).not.toBe('');
      expect(reply.text.length).toBeLessThan(LONGEST_REPLY);
    });

    it('treats odd arguments as the person’s mistakes, not as errors', async () => {
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
