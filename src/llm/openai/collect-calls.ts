import type { ToolCall } from '../../contracts/model.js';
import { field, malformed, textField } from '../model-failure.js';
import { isObject } from '../../lib/is-object.js';
import { parseToolArguments } from '../tool-arguments.js';

interface PendingCall {
  id: string;
  name: string;
  json: string;
  readonly index: number | undefined;
}

/**
 * Assembles tool calls from their pieces. OpenAI numbers the calls and names each one once; compatible
 * servers omit or repeat the number, send empty ids and names with later pieces, or send the arguments as an
 * object instead of text.
 */
export class CallCollector {
  private readonly calls: PendingCall[] = [];

  /** `idPrefix` is used for the ids of calls that arrive without one; unique within the conversation. */
  constructor(
    private readonly provider: string,
    private readonly idPrefix: string,
  ) {}

  get size(): number {
    return this.calls.length;
  }

  /** Takes the `tool_calls` of one chunk, or the `function_call` of the API's first version. */
  take(delta: unknown): void {
    const pieces = field(delta, 'tool_calls');
    if (Array.isArray(pieces)) for (const piece of pieces) this.takePiece(piece, field(piece, 'function'));
    const legacy = field(delta, 'function_call');
    if (isObject(legacy)) this.takePiece({ index: 0 }, legacy);
  }

  /** Returns all calls; throws if one is incomplete. */
  complete(): readonly ToolCall[] {
    return this.calls.map(({ id, name, json }, at) => {
      // A tool without parameters is often called with empty text.
      const parsed = parseToolArguments(json.trim() === '' ? '{}' : json);
      if (parsed === undefined || name === '') throw malformed(this.provider, 'a tool call is not whole');
      return { id: id === '' ? `call_${this.idPrefix}_${at}` : id, name, arguments: parsed };
    });
  }

  private takePiece(piece: unknown, callFunction: unknown): void {
    const id = textField(piece, 'id');
    const name = textField(callFunction, 'name');
    const number = field(piece, 'index');
    const index = typeof number === 'number' ? number : undefined;
    const call = this.find(id, index, name) ?? this.begin(index);
    call.id ||= id;
    call.name ||= name;
    const part = field(callFunction, 'arguments');
    if (typeof part === 'string') call.json += part;
    else if (isObject(part)) call.json = JSON.stringify(part);
  }

  /** Finds the call a piece continues: by its id, or else the newest with its number. */
  private find(id: string, index: number | undefined, name: string): PendingCall | undefined {
    const sameId = id === '' ? undefined : this.calls.find((call) => call.id === id);
    if (sameId !== undefined) return sameId;
    const newest =
      index === undefined ? this.calls.at(-1) : this.calls.findLast((call) => call.index === index);
    if (newest === undefined) return undefined;
    if (id !== '' && newest.id !== '') return undefined;
    return name !== '' && isWhole(newest) && !(name === newest.name && id === '' && index !== undefined)
      ? undefined
      : newest;
  }

  private begin(index: number | undefined): PendingCall {
    const call: PendingCall = { id: '', name: '', json: '', index };
    this.calls.push(call);
    return call;
  }
}

function isWhole({ name, json }: PendingCall): boolean {
  return name !== '' && parseToolArguments(json) !== undefined;
}
