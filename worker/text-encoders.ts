import type { Config } from '../contracts/config.ts';
import type { Embedder, SparseEncoder, TextTokenizer, TokenEncoder } from '../inference/embedder.ts';
import type { ModelFiles } from '../inference/models/store.ts';
import { findBgeM3, openBgeM3 } from '../inference/text/onnx-bge-m3.ts';
import { openEmbedder } from '../inference/text/onnx-embedder.ts';
import { openSparseEncoder } from '../inference/text/onnx-sparse-encoder.ts';
import { openTokenizer } from '../inference/text/tokenizer.ts';
import type { XlmRobertaFolder } from '../inference/text/xlm-roberta-folder.ts';
import { shareModel } from './share-model.ts';

/** An embedder that may also give a vector a token. */
export type DenseEncoder = Embedder & Partial<Pick<TokenEncoder, 'encodeTokens'>>;

/** Openers of the models that `LECTERN_EMBEDDER` chooses; each that is opened is to be closed. */
export interface TextEncoders {
  embedder: () => Promise<DenseEncoder>;
  sparseEncoder: () => Promise<SparseEncoder>;
  /** Of the embedder: it measures the chunks. */
  tokenizer: () => Promise<TextTokenizer>;
}

interface EncoderParts {
  /** A model of the catalogue. */
  find: (name: string) => Promise<ModelFiles>;
  /** A model that is both encoders has both's threads. */
  threads: { dense: number; sparse: number; both: number };
}

/** MiniLM and SPLADE of the catalogue, or one BGE-M3 in a folder for both. */
export function createTextEncoders(config: Config, { find, threads }: EncoderParts): TextEncoders {
  const cacheDir = config.LECTERN_CACHE;
  if (config.LECTERN_EMBEDDER === 'minilm-splade') {
    return {
      embedder: async () =>
        openEmbedder({ model: await find('minilm-l6-int8'), tokenizer: await find('splade-tiny'), threads: threads.dense }),
      sparseEncoder: async () => openSparseEncoder({ model: await find('splade-tiny'), cacheDir, threads: threads.sparse }),
      tokenizer: async () => openTokenizer(await find('splade-tiny')),
    };
  }
  const folder = config.LECTERN_EMBEDDER;
  const share = shareModel(async () => openBgeM3(await findEmbedderFolder(folder), cacheDir, threads.both));
  return {
    async embedder() {
      const { model, release } = await share();
      return { ...model.embedder, close: release };
    },
    async sparseEncoder() {
      const { model, release } = await share();
      return { ...model.sparseEncoder, close: release };
    },
    tokenizer: async () => (await findEmbedderFolder(folder)).tokenizer,
  };
}

/** Who makes the vectors that the index holds: `null` is the default pair. */
export async function findVectorModel(config: Config): Promise<{ name: string; dimensions: number } | null> {
  if (config.LECTERN_EMBEDDER === 'minilm-splade') return null;
  const { model, shape } = await findEmbedderFolder(config.LECTERN_EMBEDDER);
  return { name: `${model.identity.name}@${model.identity.revision}`, dimensions: shape.width };
}

/** Once a process: a folder is known by all of its bytes, two gigabytes of them. */
const found = new Map<string, Promise<XlmRobertaFolder>>();

function findEmbedderFolder(folder: string): Promise<XlmRobertaFolder> {
  const known = found.get(folder);
  if (known !== undefined) return known;
  const finding = findBgeM3(folder);
  found.set(folder, finding);
  finding.catch(() => found.delete(folder));
  return finding;
}
