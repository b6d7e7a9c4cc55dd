import type { ModelRequest, ModelStreamPart, TokenUsage } from '../contracts/model.js';
import { estimateRequestTokens, estimateTextTokens } from './estimate-tokens.js';
import { NO_USAGE } from './usage.js';

/** Windows are guesses where a server names none; a count beyond this many of them is a lie. */
const CREDIBLE_WINDOWS = 4;

/** Counts what one call uses up, also when it breaks off or its vendor tells nothing of use. */
export class CallMeter {
  private reportedUsage: TokenUsage = NO_USAGE;
  private text = '';
  private hasBegun = false;

  constructor(
    private readonly request: ModelRequest,
    /** The model's window, tokens. */
    private readonly contextTokens: number,
  ) {}

  note(part: ModelStreamPart): void {
    this.hasBegun = true;
    switch (part.type) {
      case 'text-delta':
        this.text += part.text;
        break;
      case 'tool-call':
        this.text += JSON.stringify(part.call.arguments);
        break;
      case 'usage':
      case 'finish':
        if (part.usage.inputTokens > 0 || part.usage.outputTokens > 0) this.reportedUsage = part.usage;
        break;
      case 'discard':
      case 'reasoning':
        break;
      default:
        part satisfies never;
    }
  }

  /** `isWhole`: the call came to its end. One that was refused before it began costs nothing. */
  read(isWhole: boolean): { readonly usage: TokenUsage; readonly isEstimated: boolean } {
    if (!this.hasBegun) return { usage: NO_USAGE, isEstimated: false };
    const { inputTokens, outputTokens } = this.reportedUsage;
    const estimate = this.text === '' ? 0 : estimateTextTokens(this.text);
    const knowsInput = this.isCredible(inputTokens);
    // What a call that broke off had told of its output was said before the rest was written.
    const knowsOutput = this.isCredible(outputTokens)
      ? isWhole || outputTokens >= estimate
      : outputTokens === 0 && estimate === 0;
    if (knowsInput && knowsOutput) return { usage: this.reportedUsage, isEstimated: false };
    return {
      usage: {
        ...(knowsInput ? this.reportedUsage : {}),
        inputTokens: knowsInput ? inputTokens : estimateRequestTokens(this.request),
        outputTokens: knowsOutput ? outputTokens : estimate,
      },
      isEstimated: true,
    };
  }

  private isCredible(tokens: number): boolean {
    return tokens > 0 && tokens <= CREDIBLE_WINDOWS * this.contextTokens;
  }
}
