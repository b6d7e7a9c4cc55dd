import type { RestartReason, TurnEvent } from '../contracts/turn.js';
import { OutgoingStream } from './outgoing/outgoing-stream.js';
import type { SourceNumbers } from './outgoing/source-numbers.js';

const PARAGRAPH = '\n\n';

/** An answer that can still be withdrawn: its text as it may be sent, and the sources it cites. */
export interface Draft {
  readonly text: string;
  readonly sources: readonly number[];
}

/** Filters a text for sending, with its sources renumbered by `numbers`. */
export type Leave = (text: string, numbers: SourceNumbers) => string;

/**
 * An answer while models are writing it, round by round. Text from before a tool call was already shown, so
 * it is part of the answer. The deltas since the last restart, joined together, are the answer.
 */
export class LiveAnswer {
  private readonly deltas: string[] = [];
  private raw = '';
  private stream: OutgoingStream;
  /** For this attempt: the numbers from finished rounds plus those it cites itself. */
  private numbers: SourceNumbers;
  /** White space held back until a word follows. */
  private space = '';
  /** Whether listeners have seen any of this attempt, and any of the answer. */
  private attemptShown = false;
  private hasShown = false;
  private sent = '';

  constructor(
    private readonly emit: (event: TurnEvent) => void,
    /** Filters a text for sending; see `OutgoingStream`. */
    private readonly leave: Leave,
    /** Sources cited in finished rounds. */
    private settled: SourceNumbers,
    /** Show nothing before its round is finished. */
    private readonly holdsBack = false,
  ) {
    this.numbers = settled.fork();
    this.stream = this.openStream();
  }

  /** The original numbers of the cited sources, in the order the text shows them. */
  get sources(): readonly number[] {
    return this.settled.order;
  }

  /** The text of all finished rounds, as it may be sent. */
  get text(): string {
    return this.deltas.join(PARAGRAPH);
  }

  /** The part already sent; nothing can change it. */
  get ahead(): string {
    return this.sent;
  }

  /** What the model wrote in this attempt, without the part already sent. */
  get written(): string {
    return this.raw;
  }

  beginAttempt(): void {
    this.raw = '';
    this.space = '';
    this.attemptShown = false;
    this.numbers = this.settled.fork();
    this.stream = this.openStream();
  }

  add(piece: string): void {
    if (this.raw === '' && piece !== '') this.emit({ type: 'status', state: 'answering' });
    this.raw += piece;
    if (!this.holdsBack) this.show(this.stream.push(piece));
  }

  /** The answer as it would be if it ended here, or after `end` characters of the attempt. */
  draft(end = this.raw.length): Draft {
    const numbers = this.settled.fork();
    const text = this.leave(this.raw.slice(0, end), numbers).trim();
    return {
      text: [...this.deltas, text].filter((part) => part !== '').join(PARAGRAPH),
      sources: numbers.order,
    };
  }

  /** Marks this many characters of the attempt as sent early. Only for an answer that is held back. */
  goAhead(end: number): void {
    const text = this.leave(this.raw.slice(0, end), this.numbers).trim();
    this.delta(this.deltas.length > 0 ? PARAGRAPH + text : text);
    this.deltas.push(text);
    this.sent = this.text;
    this.settled = this.numbers;
    const rest = this.raw.slice(end).trimStart();
    this.beginAttempt();
    this.raw = rest;
  }

  /** Drops what follows the part already sent, and puts a note in its place. */
  breakOff(note: string): void {
    this.deltas.splice(0, this.deltas.length, this.sent, note);
    this.beginAttempt();
  }

  /** The model was cut off: ends the text after its last whole sentence and says so. */
  cutAtSentence(mark: string): void {
    this.replaceBy(wholeSentences(this.raw), mark);
  }

  /** The person pressed Stop: ends the text after its last whole word and says so. */
  cutAtWord(mark: string): void {
    this.replaceBy(this.raw.replace(/\S+$/u, '').trimEnd(), mark);
  }

  private replaceBy(draft: string, mark: string): void {
    const answer = [draft, mark].filter((part) => part !== '').join(PARAGRAPH);
    if (this.attemptShown) this.dropAttempt('correction');
    else this.beginAttempt();
    this.add(answer);
  }

  /** Discards this attempt and tells listeners who saw it; earlier rounds stay. */
  dropAttempt(reason: RestartReason): void {
    if (this.attemptShown) {
      this.withdraw(reason);
      if (this.deltas.length > 0) this.delta(this.text);
    }
    this.beginAttempt();
  }

  /** Ends a round and returns its text. */
  finishRound(): string {
    this.show(this.holdsBack ? this.leave(this.raw, this.numbers.fork()) : this.stream.end());
    const text = this.leave(this.raw, this.numbers).trim();
    if (text !== '') this.deltas.push(text);
    this.settled = this.numbers;
    this.beginAttempt();
    return text;
  }

  /** There will be no answer after all: listeners should disregard what they saw. */
  withdraw(reason: RestartReason): void {
    if (this.hasShown) this.emit({ type: 'status', state: 'restart', reason });
    this.hasShown = false;
  }

  private openStream(): OutgoingStream {
    return new OutgoingStream((text) => this.leave(text, this.numbers));
  }

  private show(text: string): void {
    const ready = this.attemptShown ? this.space + text : text.trimStart();
    const visible = ready.trimEnd();
    this.space = ready.slice(visible.length);
    if (visible === '') return;
    this.delta(!this.attemptShown && this.deltas.length > 0 ? PARAGRAPH + visible : visible);
    this.attemptShown = true;
  }

  private delta(text: string): void {
    this.hasShown = true;
    this.emit({ type: 'delta', text });
  }
}

/** The text without its unfinished last sentence or line; empty if no sentence is complete. */
function wholeSentences(text: string): string {
  const ends = [...text.matchAll(/[.!?…](?=["'”’)\]]*(?:\s\[\d[\d, ]*\])?(?:\s|$))|\n/gu)];
  const last = ends.at(-1);
  if (last === undefined) return text.trimEnd();
  const rest = text.slice(last.index + 1);
  const [closing = ''] = /^["'”’)\]]*(?:\s?\[\d[\d, ]*\])*/u.exec(rest) ?? [];
  return (text.slice(0, last.index + 1) + closing).trimEnd();
}
