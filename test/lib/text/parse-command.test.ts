import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../../src/lib/text/parse-command.js';

describe('parseCommand', () => {
  it('reads name and arguments as typed', () => {
    expect(parseCommand('/kb search  jam buka ')).toEqual({ name: 'kb', argumentText: 'search  jam buka ' });
    expect(parseCommand('/help')).toEqual({ name: 'help', argumentText: '' });
    expect(parseCommand('/note\nfirst\nsecond')).toEqual({ name: 'note', argumentText: 'first\nsecond' });
  });

  it('reads the name of the addressed bot', () => {
    expect(parseCommand('/Help@Sapa_Bot now')).toEqual({
      name: 'help',
      bot: 'Sapa_Bot',
      argumentText: 'now',
    });
  });

  it.each([
    'hello',
    '',
    '/',
    '//help',
    '/ help',
    ' /help',
    '/he-lp',
    '/usr/bin',
    `/${'a'.repeat(33)}`,
    '/help!',
  ])('treats %j as an ordinary message', (text) => expect(parseCommand(text)).toBeUndefined());
});
