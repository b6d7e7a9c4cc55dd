import { z } from 'zod';
import { ToolError } from '../../contracts/tool.js';
import { defineTool } from '../define-tool.js';

const LONGEST = 200;
/** Significant digits that a float holds without rounding noise. */
const DIGITS = 12;

/** Arithmetic that a model would get wrong in its head. */
export const calculateTool = defineTool({
  name: 'calculate',
  description:
    'Works out an arithmetic expression with + - * / % (remainder) ^ and brackets, e.g. "(125000 * 3) * 0.9". Use it for every sum, discount or total.',
  inputSchema: z.strictObject({ expression: z.string().min(1).max(LONGEST) }),
  effect: 'read',
  run: ({ expression }) => Promise.resolve({ expression, value: valueOf(expression) }),
});

export function valueOf(expression: string): number {
  const tokens = expression.match(/\d+(?:\.\d+)?|[-+*/%^()]|\S/gu) ?? [];
  let place = 0;
  const take = (token: string): boolean => {
    if (tokens[place] !== token) return false;
    place += 1;
    return true;
  };

  function sum(): number {
    let value = product();
    for (;;) {
      if (take('+')) value += product();
      else if (take('-')) value -= product();
      else return value;
    }
  }
  function product(): number {
    let value = signed();
    for (;;) {
      if (take('*')) value *= signed();
      else if (take('/')) value /= signed();
      else if (take('%')) value %= signed();
      else return value;
    }
  }
  function signed(): number {
    if (take('-')) return -signed();
    const base = single();
    return take('^') ? base ** signed() : base;
  }
  function single(): number {
    if (take('(')) {
      const value = sum();
      if (!take(')')) throw unreadable();
      return value;
    }
    const token = tokens[place];
    if (token === undefined || !/^\d/.test(token)) throw unreadable();
    place += 1;
    return Number(token);
  }

  const value = sum();
  if (place !== tokens.length) throw unreadable();
  if (!Number.isFinite(value)) throw new ToolError('failed', 'The result is not a number.');
  return Number(value.toPrecision(DIGITS));
}

function unreadable(): ToolError {
  return new ToolError('invalid-input', 'The expression cannot be read.');
}
