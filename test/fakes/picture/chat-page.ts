/** A message as it is displayed. */
export interface ShownMessage {
  readonly from: 'person' | 'bot';
  /** In the platform's own formatting. */
  readonly text: string;
  readonly buttons?: readonly string[];
}

export interface ShownChat {
  readonly platform: 'discord' | 'telegram' | 'whatsapp';
  readonly title: string;
  readonly person: string;
  readonly messages: readonly ShownMessage[];
}

const COLOURS = {
  discord: { page: '#313338', bot: '#2b2d31', person: '#383a40', text: '#dbdee1', accent: '#5865f2' },
  telegram: { page: '#cfe2c6', bot: '#ffffff', person: '#eeffde', text: '#101010', accent: '#3390ec' },
  whatsapp: { page: '#efeae2', bot: '#ffffff', person: '#d9fdd3', text: '#111b21', accent: '#008069' },
} as const;

/** An HTML page that shows a conversation roughly as the platform would, for the pictures in the guides. */
export function chatPage({ platform, title, person, messages }: ShownChat): string {
  const { page, bot, person: own, text, accent } = COLOURS[platform];
  const rows = messages.map((message) => rowOf(message, platform, person)).join('\n');
  return `<!doctype html><meta charset="utf-8"><style>
body { margin: 0; background: ${page}; color: ${text}; font: 15px/1.45 system-ui, 'Noto Sans', sans-serif; }
header { background: ${accent}; color: #fff; padding: 10px 16px; font-weight: 600; }
main { display: flex; flex-direction: column; gap: 8px; padding: 14px; }
.m { max-width: 82%; padding: 7px 11px; border-radius: 10px; background: ${bot}; white-space: pre-wrap; overflow-wrap: anywhere; }
.m.person { background: ${own}; align-self: flex-end; }
.who { font-weight: 600; font-size: 13px; color: ${accent}; }
.b { display: inline-block; margin: 6px 6px 0 0; padding: 4px 11px; border-radius: 6px; background: ${accent}; color: #fff; font-size: 13px; }
code { background: #8883; border-radius: 4px; padding: 0 3px; }
</style><header>${escaped(title)}</header><main>${rows}</main>`;
}

function rowOf({ from, text, buttons = [] }: ShownMessage, platform: ShownChat['platform'], person: string) {
  const name =
    platform === 'discord' ? `<div class="who">${from === 'bot' ? 'Sapa' : escaped(person)}</div>` : '';
  const buttonRow = buttons.map((label) => `<span class="b">${escaped(label)}</span>`).join('');
  return `<div class="m ${from}">${name}${formatted(text, platform)}${buttonRow === '' ? '' : `<div>${buttonRow}</div>`}</div>`;
}

/**
 * Converts each platform's formatting, as far as answers use it; Telegram's was already removed by its
 * server.
 */
function formatted(text: string, platform: ShownChat['platform']): string {
  const plain = escaped(text).replace(/\\([*_~`#>|.])/g, '$1');
  if (platform === 'telegram') return plain;
  const bold = platform === 'discord' ? /\*\*(.+?)\*\*/g : /(?<![\p{L}\p{N}])\*(\S(?:[^*\n]*\S)?)\*/gu;
  const slanted = platform === 'discord' ? /(?<!\*)\*([^*\n]+)\*/g : /(?<![\p{L}\p{N}])_(\S[^_\n]*)_/gu;
  return plain
    .replace(bold, '<b>$1</b>')
    .replace(slanted, '<i>$1</i>')
    .replace(/`([^`\n]+)`/g, '<code>$1</code>');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
