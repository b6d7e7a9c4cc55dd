import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Tool, ToolContext } from '../../src/contracts/tool.js';

export interface ToolUnderTest {
  readonly tool: Tool;
  readonly context: ToolContext;
  /** Accepted by the schema; the tool answers it. */
  readonly validInput: unknown;
  /** Rejected by the schema. */
  readonly invalidInputs: readonly unknown[];
}

/** The contract between every tool, the pipeline and the models. */
export function toolContract(name: string, start: () => ToolUnderTest): void {
  describe(`the tool ${name}`, () => {
    it('describes itself in a way that every vendor accepts', () => {
      const { tool } = start();
      expect(tool.name).toMatch(/^[a-z][a-z0-9_]{0,63}$/u);
      expect(tool.description.length).toBeGreaterThan(20);
      expect(z.toJSONSchema(tool.inputSchema, { io: 'input' })).toMatchObject({
        type: 'object',
        additionalProperties: false,
      });
      expect(['read', 'write']).toContain(tool.effect);
    });

    it('answers valid input with JSON', async () => {
      const { tool, context, validInput } = start();
      const result = await tool.run(tool.inputSchema.parse(validInput), context);
      expect(result).toBeDefined();
      expect(JSON.parse(JSON.stringify(result))).toEqual(result);
    });

    it('refuses unknown input', () => {
      const { tool, invalidInputs } = start();
      for (const input of [null, 'text', [], { surely_unknown: 1 }, ...invalidInputs]) {
        expect(tool.inputSchema.safeParse(input).success, JSON.stringify(input)).toBe(false);
      }
    });
  });
}
