import type { ModelRequest, ModelStreamPart, TokenUsage } from '../contracts/model.js';
import { estimateRequestTokens, estimateTextTokens } from './estimate-tokens.js';
import { NO_USAGE } from './usage.js';

/**
 * Context windows are guesses if a server states none; a token count above this many windows is not credible.
 */
const CREDIBLE_WINDOWS = 4;

/** Measures what one call used, even if it breaks off or its vendor reports nothing useful. */
export class CallMeter {
  private reportedUsage: TokenUsage = NO_USAGE;
  private text = '';
  private hasBegun = false;

  constructor(
    private readonly request: ModelRequest,
    /** The model's context window, in tokens. */
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

  /** `isWhole`: the call ran to its end. A call that was refused before it began costs nothing. */
  read(isWhole: boolean): { readonly usage: TokenUsage; readonly isEstimated: boolean } {
    if (!this.hasBegun) return { usage: NO_USAGE, isEstimated: false };
    const { inputTokens, outputTokens } = this.reportedUsage;
    const estimate = this.text === '' ? 0 : estimateTextTokens(this.text);
    const knowsInput = this.isCredible(inputTokens);
    // If the call broke off, its last reported output count may be older than the text that followed.
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
