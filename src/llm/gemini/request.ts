import type {
  Content,
  FunctionDeclaration,
  FunctionDeclarationSchema,
  GenerateContentRequest,
  GenerationConfig,
  Part,
} from '@google/generative-ai';
import {
  isMedia,
  type ModelMessage,
  type ModelRequest,
  type Reasoning,
  type ToolSpec,
  type UserPart,
} from '../../contracts/model.js';
import { renderTextPart } from '../data-blocks.js';
import { callableTools } from '../callable-tools.js';
import { mediaData } from '../media-data.js';
import { settleMessages } from '../settle-messages.js';
import { toGeminiSchema } from './schema.js';

/** Models whose thinking can be switched off, so that it uses none of the answer's tokens. */
const THINKS_ON_DEMAND = /^gemini-2\.5-flash/u;
/** Models whose thinking is limited by a token budget; later ones take a level. */
const THINKS_BY_TOKENS = /^gemini-2\.5/u;
/** Models that do not think at all. */
const NEVER_THINKS = /^gemini-(?:1|2\.0)/u;
/** Extra room for thinking, which counts against the same limit as the answer, in tokens. */
const THINKING_TOKENS = { least: 2000, low: 2000, medium: 6000, high: 16_000 } as const;
/** Gemini 3 expects its signature on each call it made; this value says that the signature was not kept. */
const SIGNATURE_NOT_KEPT = 'skip_thought_signature_validator';

/** Fields the API accepts but the types of this SDK version lack; they are sent as they are. */
type CurrentGenerationConfig = GenerationConfig & {
  thinkingConfig?: { thinkingBudget: number } | { thinkingLevel: 'low' | 'medium' | 'high' };
};
type SignedPart = Part & { thoughtSignature?: string };

export function toGenerateRequest(model: string, request: ModelRequest): GenerateContentRequest {
  const tools = callableTools(request);
  return {
    contents: settleMessages(request.messages).map((message) => toContent(model, message)),
    ...(request.system === ''
      ? {}
      : { systemInstruction: { role: 'system', parts: [{ text: request.system }] } }),
    ...(tools.length === 0 ? {} : { tools: [{ functionDeclarations: tools.map(toDeclaration) }] }),
    generationConfig: toGenerationConfig(model, request),
  };
}

/** Includes thinking. */
export function mostOutputTokens(model: string, request: ModelRequest): number {
  return toGenerationConfig(model, request).maxOutputTokens ?? request.maxOutputTokens;
}

function toGenerationConfig(model: string, request: ModelRequest): CurrentGenerationConfig {
  const { maxOutputTokens, temperature, effort } = request;
  const rest = temperature === undefined ? {} : { temperature };
  const isOff = NEVER_THINKS.test(model) || (THINKS_ON_DEMAND.test(model) && effort === undefined);
  if (NEVER_THINKS.test(model)) return { maxOutputTokens, ...rest };
  const room = THINKING_TOKENS[effort ?? 'least'];
  return {
    maxOutputTokens: maxOutputTokens + (isOff ? 0 : room),
    ...rest,
    ...thinkingOf(model, effort, isOff ? 0 : room),
  };
}

function thinkingOf(
  model: string,
  effort: ModelRequest['effort'],
  room: number,
): Pick<CurrentGenerationConfig, 'thinkingConfig'> {
  if (!THINKS_BY_TOKENS.test(model)) return { thinkingConfig: { thinkingLevel: effort ?? 'low' } };
  return { thinkingConfig: { thinkingBudget: room } };
}

function toContent(model: string, message: ModelMessage): Content {
  switch (message.role) {
    case 'user':
      return { role: 'user', parts: message.parts.map(toPart) };
    case 'assistant':
      return {
        role: 'model',
        parts: [
          ...(message.text === '' ? [] : [{ text: message.text }]),
          ...(message.toolCalls ?? []).map((call, index): SignedPart => ({
            functionCall: { name: call.name, args: call.arguments },
            ...signatureOf(model, message.reasoning, index),
          })),
        ],
      };
    case 'tool':
      return {
        role: 'user',
        parts: message.results.map((result) => ({
          functionResponse: {
            name: result.name,
            response: result.isError ? { error: result.content } : { result: result.content },
          },
        })),
      };
    default:
      return message satisfies never;
  }
}

/** The model's signature of a call, if this model made it; the first call of a round carries it. */
function signatureOf(
  model: string,
  reasoning: Reasoning | undefined,
  index: number,
): { thoughtSignature?: string } {
  const signature = reasoning?.model === model ? reasoning.sealed[index] : undefined;
  if (typeof signature === 'string') return { thoughtSignature: signature };
  const isOther = reasoning?.model !== model;
  return isOther && !/^gemini-[12]/u.test(model) ? { thoughtSignature: SIGNATURE_NOT_KEPT } : {};
}

function toPart(part: UserPart): Part {
  if (!isMedia(part)) return { text: renderTextPart(part) };
  const { mediaType, base64 } = mediaData(part);
  return { inlineData: { mimeType: mediaType, data: base64 } };
}

function toDeclaration(tool: ToolSpec): FunctionDeclaration {
  const { name, description } = tool;
  // The API rejects objects without properties, so such a tool is declared without parameters.
  const properties = tool.inputSchema['properties'] ?? {};
  if (Object.keys(properties).length === 0) return { name, description };
  return { name, description, parameters: toGeminiSchema(tool.inputSchema) as FunctionDeclarationSchema };
}
