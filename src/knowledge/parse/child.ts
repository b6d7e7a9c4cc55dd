// The process that reads one file and exits. It can be killed at any time: see file-parser.ts.
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

// Only the parent can send messages.
process.once('message', (request: ParseRequest) => {
  void answer(request).then((reply) => {
    process.send?.(reply, () => process.exit(0));
  });
});
// Without the parent there is nobody to reply to.
process.once('disconnect', () => process.exit(1));
