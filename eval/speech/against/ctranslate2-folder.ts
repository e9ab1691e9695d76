import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ModelFiles } from '../../../inference/models/store.ts';

const TokenizerSchema = z.object({
  model: z.object({ vocab: z.record(z.string(), z.int()) }),
  added_tokens: z.array(z.object({ id: z.int(), content: z.string() })),
});

/** Lays out Lectern's Whisper in `folder` as CTranslate2 wants it: the very same files, and the vocabulary, which Lectern reads from `tokenizer.json`. */
export async function layOutForCTranslate2(model: Pick<ModelFiles, 'path'>, folder: string): Promise<void> {
  for (const file of ['model.bin', 'config.json', 'tokenizer.json']) await symlink(model.path(file), join(folder, file));
  const tokenizer: unknown = JSON.parse(await readFile(model.path('tokenizer.json'), 'utf8'));
  await writeFile(join(folder, 'vocabulary.json'), JSON.stringify(toVocabulary(tokenizer)));
}

/** Tokens by id. Those for times, which `tokenizer.json` leaves out, follow its last: `<|0.00|>` to `<|30.00|>`. */
export function toVocabulary(tokenizer: unknown): string[] {
  const { model, added_tokens: added } = TokenizerSchema.parse(tokenizer);
  const tokens: string[] = [];
  for (const [token, id] of Object.entries(model.vocab)) tokens[id] = token;
  for (const { id, content } of added) tokens[id] = content;
  for (let step = 0; step <= 1500; step++) tokens.push(`<|${(step / 50).toFixed(2)}|>`);
  return tokens;
}
