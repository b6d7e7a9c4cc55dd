import type { RestartReason, TurnEvent } from '../contracts/turn.js';
import { OutgoingStream } from './outgoing/outgoing-stream.js';
import type { SourceNumbers } from './outgoing/source-numbers.js';

const PARAGRAPH = '\n\n';

/** An answer that may still be taken back: its text as it may leave, and the sources it cites. */
export interface Draft {
  readonly text: string;
  readonly sources: readonly number[];
}

/** Makes of a text what may leave, its sources numbered by `numbers`. */
export type Leave = (text: string, numbers: SourceNumbers) => string;

/**
 * An answer while models write it, round by round: what a model says before it calls a tool has
 * been shown, so it belongs to the answer. The deltas since the last restart, put together, are
 * the answer.
 */
export class LiveAnswer {
  private readonly deltas: string[] = [];
  private raw = '';
  private stream: OutgoingStream;
  /** Of this attempt: those of the finished rounds, and what it cites itself. */
  private numbers: SourceNumbers;
  /** White space that is shown once a word follows. */
  private space = '';
  /** Whether listeners have seen something of this attempt, and of the answer. */
  private attemptShown = false;
  private hasShown = false;
  private left = '';

  constructor(
    private readonly emit: (event: TurnEvent) => void,
    /** Makes of a text what may leave; see `OutgoingStream`. */
    private readonly leave: Leave,
    /** Sources cited by the rounds that are finished. */
    private settled: SourceNumbers,
    /** Nothing is shown before its round is finished. */
    private readonly holdsBack = false,
  ) {
    this.numbers = settled.fork();
    this.stream = this.openStream();
  }

  /** Numbers the cited sources were given by, in the order of those the text shows. */
  get sources(): readonly number[] {
    return this.settled.order;
  }

  /** All rounds that are finished, as they may leave. */
  get text(): string {
    return this.deltas.join(PARAGRAPH);
  }

  /** What has left ahead of the rest; it stands whatever comes. */
  get ahead(): string {
    return this.left;
  }

  /** As the model wrote it in this attempt, without what has left. */
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

  /** All that would be said if the answer ended here, or after so many characters of the attempt. */
  draft(end = this.raw.length): Draft {
    const numbers = this.settled.fork();
    const text = this.leave(this.raw.slice(0, end), numbers).trim();
    return {
      text: [...this.deltas, text].filter((part) => part !== '').join(PARAGRAPH),
      sources: numbers.order,
    };
  }

  /** So many characters of this attempt leave ahead of the rest. Only of an answer that is held back. */
  goAhead(end: number): void {
    const text = this.leave(this.raw.slice(0, end), this.numbers).trim();
    this.delta(this.deltas.length > 0 ? PARAGRAPH + text : text);
    this.deltas.push(text);
    this.left = this.text;
    this.settled = this.numbers;
    const rest = this.raw.slice(end).trimStart();
    this.beginAttempt();
    this.raw = rest;
  }

  /** What comes after the part that has left is not said; a note stands in its place. */
  breakOff(note: string): void {
    this.deltas.splice(0, this.deltas.length, this.left, note);
    this.beginAttempt();
  }

  /** The model was cut off: its text ends with the last whole sentence and says so. */
  cutAtSentence(mark: string): void {
    this.replaceBy(wholeSentences(this.raw), mark);
  }

  /** The person wants no more: the text ends with the last whole word and says so. */
  cutAtWord(mark: string): void {
    this.replaceBy(this.raw.replace(/\S+$/u, '').trimEnd(), mark);
  }

  private replaceBy(draft: string, mark: string): void {
    const whole = [draft, mark].filter((part) => part !== '').join(PARAGRAPH);
    if (this.attemptShown) this.dropAttempt('correction');
    else this.beginAttempt();
    this.add(whole);
  }

  /** Drops this attempt, and tells listeners who saw it; what was said before stands. */
  dropAttempt(reason: RestartReason): void {
    if (this.attemptShown) {
      this.withdraw(reason);
      if (this.deltas.length > 0) this.delta(this.text);
    }
    this.beginAttempt();
  }

  /** Ends a round; returns its text. */
  finishRound(): string {
    this.show(this.holdsBack ? this.leave(this.raw, this.numbers.fork()) : this.stream.end());
    const text = this.leave(this.raw, this.numbers).trim();
    if (text !== '') this.deltas.push(text);
    this.settled = this.numbers;
    this.beginAttempt();
    return text;
  }

  /** There is no answer after all: listeners should disregard what they saw. */
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

/** Without the sentence or line that has no end; all of it where no sentence has one. */
function wholeSentences(text: string): string {
  const ends = [...text.matchAll(/[.!?…](?=["'”’)\]]*(?:\s\[\d[\d, ]*\])?(?:\s|$))|\n/gu)];
  const last = ends.at(-1);
  if (last === undefined) return text.trimEnd();
  const rest = text.slice(last.index + 1);
  const [closing = ''] = /^["'”’)\]]*(?:\s?\[\d[\d, ]*\])*/u.exec(rest) ?? [];
  return (text.slice(0, last.index + 1) + closing).trimEnd();
}
