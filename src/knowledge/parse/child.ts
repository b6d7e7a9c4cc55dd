// A process that reads one file and ends. Everything about it can be lost: see file-parser.ts.
import { replyOfError } from './child-message.js';
import type { ParseReply, ParseRequest } from './child-message.js';
import { parseBytes } from './parse-bytes.js';

async function answer({ bytes, fileName, limits }: ParseRequest): Promise<ParseReply> {
  try {
    return { type: 'parsed', document: await parseBytes(bytes, fileName, limits) };
  } catch (error) {
    return replyOfError(error);
  }
}

// The parent is the only one who can send.
process.once('message', (request: ParseRequest) => {
  void answer(request).then((reply) => {
    process.send?.(reply, () => process.exit(0));
  });
});
// An orphan has nobody to answer.
process.once('disconnect', () => process.exit(1));
