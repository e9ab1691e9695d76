import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { LecternError } from '../../contracts/errors.ts';
import { openCTranslate2 } from '../weights/ctranslate2.ts';
import { HUGGING_FACE_READERS, openFolderWeights } from '../weights/huggingface-weights.ts';
import { withoutScales } from '../weights/scaled-integers.ts';
import type { TensorFile } from '../weights/tensor-file.ts';
import type { AlignmentHead } from './alignment-heads.ts';
import { fromHuggingFace } from './huggingface-whisper.ts';
import type { WhisperTensors } from './whisper-tensors.ts';

/** Weight files in the order they are looked for, each with its reader: CTranslate2's, then Hugging Face's. */
const WEIGHT_READERS = { 'model.bin': openCTranslate2, ...HUGGING_FACE_READERS };

const CONFIG_FILES = ['config.json', 'generation_config.json'];

const Count = z.int().positive();
const TokenIds = z.array(z.int());

/** What both kinds of folder say, in the words of either; `generation_config.json` has the last one. */
const ConfigSchema = z.object({
  model_type: z.literal('whisper').optional(),
  activation_function: z.literal('gelu').optional(),
  scale_embedding: z.literal(false).optional(),
  encoder_attention_heads: Count.optional(),
  decoder_attention_heads: Count.optional(),
  alignment_heads: z.array(z.tuple([z.int().nonnegative(), z.int().nonnegative()])).nullish(),
  suppress_ids: TokenIds.nullish(),
  suppress_ids_begin: TokenIds.nullish(),
  suppress_tokens: TokenIds.nullish(),
  begin_suppress_tokens: TokenIds.nullish(),
});
type Config = z.infer<typeof ConfigSchema>;

/** Token ids that are never sampled, and those not sampled first; empty where the model's makers name none. */
export interface ConfiguredSuppressions {
  always: readonly number[];
  first: readonly number[];
}

/** A Whisper model in a folder: CTranslate2's (faster-whisper) or Hugging Face's. */
export interface WhisperCheckpoint {
  tensors: WhisperTensors;
  alignmentHeads: AlignmentHead[] | undefined;
  suppressions: ConfiguredSuppressions;
  /** Names of the files that it was read from, weights first. */
  files: string[];
  close(): void;
}

/** Reads the indices of the weights and the configuration. Throws `model-missing` or `invalid-input` with the name of what is wrong. */
export function openWhisperCheckpoint(dir: string): WhisperCheckpoint {
  const config = readWhisperConfig(dir);
  const { tensors: file, files } = openFolderWeights(dir, WEIGHT_READERS);
  try {
    return {
      tensors: files[0] === 'model.bin' ? fromCTranslate2(file) : fromHuggingFace(file, attentionHeads(config)),
      alignmentHeads: config.alignment_heads ?? undefined,
      suppressions: suppressionsOf(config),
      files: [...files, ...CONFIG_FILES.filter((each) => existsSync(join(dir, each)))],
      close: () => file.close(),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

/** The token ids that `config.json` and `generation_config.json` of the folder suppress. */
export function readWhisperSuppressions(dir: string): ConfiguredSuppressions {
  return suppressionsOf(readWhisperConfig(dir));
}

function fromCTranslate2(file: TensorFile): WhisperTensors {
  const plain = withoutScales(file);
  return { ...plain, heads: Number(file.tensor('decoder/num_heads').data[0]), nameInFile: (name) => name };
}

function attentionHeads({ encoder_attention_heads: encoder, decoder_attention_heads: decoder }: Config): number {
  if (encoder !== undefined && encoder === decoder) return encoder;
  throw new LecternError(
    'invalid-input',
    `config.json: encoder_attention_heads ${encoder} and decoder_attention_heads ${decoder} must be the same`,
  );
}

function suppressionsOf(config: Config): ConfiguredSuppressions {
  return {
    always: config.suppress_ids ?? config.suppress_tokens ?? [],
    first: config.suppress_ids_begin ?? config.begin_suppress_tokens ?? [],
  };
}

function readWhisperConfig(dir: string): Config {
  const generation = existsSync(join(dir, 'generation_config.json')) ? readJson(join(dir, 'generation_config.json')) : {};
  const parsed = ConfigSchema.safeParse({ ...readJson(join(dir, 'config.json')), ...generation });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new LecternError('invalid-input', `config.json of ${dir} is not of a Whisper that can be run (${problems})`);
}

function readJson(path: string): Record<string, unknown> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new LecternError(
      isMissing ? 'model-missing' : 'invalid-input',
      `${path} ${isMissing ? 'is not there' : 'is not a JSON object'}`,
      {
        cause: error,
      },
    );
  }
}
