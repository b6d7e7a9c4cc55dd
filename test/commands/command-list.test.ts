import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commands } from '../../commands/index.js';
import { LOCALES } from '../../src/contracts/message.js';
import { createI18n } from '../../src/i18n/create-i18n.js';
import { projectRoot } from '../../src/lib/project-root.js';

const i18n = createI18n({ folder: join(projectRoot, 'locales') });

/** The smallest limit of any platform's menu: Discord's for descriptions. */
const LONGEST_DESCRIPTION = 100;

describe('the command list', () => {
  it('is what every channel offers, in this order', () => {
    expect(commands.map(({ name, audience }) => `${name} (${audience})`)).toMatchInlineSnapshot(`
      [
        "help (everyone)",
        "start (everyone)",
        "language (everyone)",
        "human (everyone)",
        "bot (everyone)",
        "feedback (everyone)",
        "agent (everyone)",
        "forget (everyone)",
        "privacy (everyone)",
        "claim (everyone)",
        "confirm (everyone)",
        "cancel (everyone)",
        "status (staff)",
        "conversation (staff)",
        "takeover (staff)",
        "reply (staff)",
        "later (staff)",
        "release (staff)",
        "pause (staff)",
        "resume (staff)",
        "contact (staff)",
        "tag (staff)",
        "note (staff)",
        "followup (staff)",
        "suggestions (staff)",
        "teach (staff)",
        "unanswered (staff)",
        "faq (staff)",
        "kb (staff)",
        "persona (staff)",
        "sop (staff)",
        "hours (staff)",
        "usage (staff)",
        "budget (staff)",
        "channel (staff)",
        "invite (staff)",
        "report (staff)",
      ]
    `);
  });

  it('has one entry for each file of the folder', () => {
    const files = readdirSync(join(projectRoot, 'commands'))
      .filter((file) => file.endsWith('.ts') && file !== 'index.ts')
      .map((file) => file.slice(0, -'.ts'.length));
    expect(commands.map(({ name }) => name).sort()).toEqual(files.sort());
  });

  it.each(LOCALES)('fits the menus of the platforms in %s', (locale) => {
    const t = i18n.translator(locale);
    for (const { name, description } of commands) {
      expect(name).toMatch(/^[a-z0-9_]{1,32}$/);
      expect(t(description).length).toBeGreaterThan(2);
      expect(t(description).length).toBeLessThanOrEqual(LONGEST_DESCRIPTION);
    }
  });
});
