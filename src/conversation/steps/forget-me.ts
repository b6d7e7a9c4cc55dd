import type { TurnAnswer } from '../../contracts/turn.js';
import type { ConversationDependencies } from '../dependencies.js';
import type { TurnState } from '../turn-state.js';
import { runCommand } from './run-command.js';

/** Longer messages ask for something else as well. */
const LONGEST = 120;
/**
 * "Forget what you know about me", "hapus semua data saya": a verb of forgetting plus oneself, and nothing
 * else.
 */
const WISHES: readonly RegExp[] = [
  /^(?:please |can you |could you |i want you to )?(?:forget|erase|delete|remove) (?:all |everything |anything |what |whatever |that |of )*(?:(?:you (?:know|have|remember|saved|stored)|(?:the )?(?:data|information|info|facts)(?: you have)?) )?(?:about|on|of) me(?: please)?$/,
  /^(?:please |can you |could you )?(?:forget|erase) me(?: please)?$/,
  /^(?:please |can you |could you )?(?:forget|erase|delete|remove) (?:all )?(?:of )?my (?:personal )?(?:data|information|info)(?: please)?$/,
  /^(?:tolong |mohon |bisa |bisakah |boleh )*(?:lupakan|hapus|hapuskan) (?:semua |segala )?(?:apa (?:saja )?)?(?:yang )?(?:(?:kamu|anda|kalian) (?:tahu|ketahui|simpan|ingat) )?(?:(?:data|informasi|info) )?(?:tentang |mengenai |soal )?(?:diri )?(?:saya|aku|ku)$/,
];
const ADDRESS = /(?:^|\s)(?:kak|kakak|min|gan|sis|bu|pak|mas|mbak|dong|ya|yah|deh)(?=\s|$)/g;

/** Recognises a request to be forgotten with any model or none. */
export async function forgetMe(
  state: TurnState,
  deps: ConversationDependencies,
): Promise<TurnAnswer | undefined> {
  const [event] = state.events;
  if (event === undefined || state.question.length > LONGEST) return undefined;
  const message = state.question
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s]/gu, ' ')
    .replace(ADDRESS, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  if (!WISHES.some((wish) => wish.test(message))) return undefined;
  const call = { name: 'forget', argumentText: 'me', files: [], event };
  return (await runCommand(call, state, deps)).answer;
}
