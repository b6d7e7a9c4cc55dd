import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A model without delay: one Chat Completions stream whose text is the time at which the whole request had
 * arrived, in microseconds of the monotonic clock that all processes of a machine share.
 */
const server = createServer((request, response) => {
  request.resume();
  request.once('end', () => {
    const at = String(process.hrtime.bigint() / 1000n);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(
      `${chunk({ role: 'assistant', content: `Received ${at}.` }, null)}${chunk({}, 'stop')}data: [DONE]\n\n`,
    );
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});

function chunk(delta: object, finishReason: string | null): string {
  const choice = { index: 0, delta, finish_reason: finishReason };
  const body = { id: 'c', object: 'chat.completion.chunk', created: 0, model: 'm', choices: [choice] };
  return `data: ${JSON.stringify(body)}\n\n`;
}
