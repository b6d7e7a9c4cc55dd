import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import type { ChannelAccount } from '../../src/contracts/channel.js';
import type { Intake } from '../../src/contracts/chat.js';
import type { Locale } from '../../src/contracts/message.js';
import type { MakeId } from '../../src/contracts/runtime.js';
import type { TenantScope } from '../../src/contracts/stores.js';
import type { Turn, TurnEvent } from '../../src/contracts/turn.js';
import { directEvent } from '../../src/lib/channels/response-channel.js';
import { withDeadline } from '../../src/lib/work/with-deadline.js';

/** Longest wait for one answer, in ms. */
const ANSWER_TIMEOUT_MS = 120_000;

export interface TerminalDependencies {
  readonly scope: TenantScope;
  readonly account: ChannelAccount;
  readonly intake: Intake;
  readonly makeId: MakeId;
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly output: Writable;
  readonly userId: string;
  readonly locale?: Locale;
  /** Prefixes of the person's lines and of the bot's. */
  readonly prompts: { readonly you: string; readonly bot: string };
  readonly sourcesLabel: string;
  /** First line, if a person sits at the terminal. */
  readonly welcome?: string;
  readonly signal: AbortSignal;
}

/** Asks and answers line by line until the input ends. Lines from a pipe are answered in order. */
export async function runTerminal(deps: TerminalDependencies): Promise<void> {
  const isInteractive = deps.input.isTTY === true;
  const lines = createInterface({
    input: deps.input,
    ...(isInteractive ? { output: deps.output } : {}),
    signal: deps.signal,
  });
  const ask = (): void => {
    if (!isInteractive) return;
    lines.setPrompt(`${deps.prompts.you} › `);
    lines.prompt();
  };
  if (isInteractive && deps.welcome !== undefined) deps.output.write(`${deps.welcome}\n\n`);
  ask();
  for await (const line of lines) {
    const text = line.trim();
    if (text !== '') {
      if (!isInteractive) deps.output.write(`${deps.prompts.you} › ${text}\n`);
      await answerLine(text, deps, isInteractive);
    }
    ask();
  }
}

async function answerLine(text: string, deps: TerminalDependencies, live: boolean): Promise<void> {
  const event = directEvent(
    {
      event_id: deps.makeId('evt'),
      user_id: deps.userId,
      text,
      ...(deps.locale === undefined ? {} : { locale: deps.locale }),
    },
    new Date(),
  );
  const printer = new LivePrinter(deps.output, `${deps.prompts.bot} › `);
  const listener = live ? (turnEvent: TurnEvent): void => printer.onTurnEvent(turnEvent) : undefined;
  const accepted = await deps.intake.accept(deps.scope, deps.account, event, {
    ...(listener === undefined ? {} : { listener }),
  });
  if (!('eventKey' in accepted)) return;
  const turn = await withDeadline(deps.signal, ANSWER_TIMEOUT_MS, (signal) =>
    deps.intake.answered(deps.scope, accepted, signal),
  );
  printer.finish(turn, deps.sourcesLabel);
}

/** Prints an answer while it is being written, and starts over if a model had to. */
class LivePrinter {
  private printed = '';

  constructor(
    private readonly output: Writable,
    private readonly prefix: string,
  ) {}

  onTurnEvent(event: TurnEvent): void {
    if (event.type === 'delta') {
      if (this.printed === '') this.output.write(this.prefix);
      this.printed += event.text;
      this.output.write(event.text);
    } else if (event.type === 'status' && event.state === 'restart') {
      this.output.write(' …\n');
      this.printed = '';
    }
  }

  finish(turn: Turn, sourcesLabel: string): void {
    const { text, citations } = turn.answer;
    if (this.printed.trim() !== text)
      this.output.write(`${this.printed === '' ? '' : '\n'}${this.prefix}${text}`);
    this.output.write('\n');
    const sources = citations.map((citation) => `[${citation.n}] ${citation.title}`);
    if (sources.length > 0) this.output.write(`    ${sourcesLabel}: ${sources.join(' · ')}\n`);
    this.output.write('\n');
  }
}
