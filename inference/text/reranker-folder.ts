import { resolve } from 'node:path';
import { LecternError, toLecternError } from '../../contracts/errors.ts';
import type { Reranker } from '../embedder.ts';
import { buildXlmRobertaCrossEncoderGraph, XLM_ROBERTA_GRAPH_VERSION } from '../graphs/xlm-roberta.ts';
import { nameByContent, requireFiles } from '../models/model-folder.ts';
import { openFolderWeights } from '../weights/huggingface-weights.ts';
import { openReranker, type CrossEncoderGraph } from './onnx-reranker.ts';
import { isXlmRoberta, openXlmRobertaFolder, type XlmRobertaFolder } from './xlm-roberta-folder.ts';

/** As for BERT: passages are chunks, shorter than this. */
const MAX_TOKENS = 512;
const BERT_FILES = ['model.safetensors', 'tokenizer.json'];

/**
 * The cross-encoder in a folder on this machine, as Hugging Face lays it out: BERT with a classifier of one label (`model.safetensors`,
 * such as ms-marco-MiniLM-L6-v2) or, by `config.json`, XLM-RoBERTa with one (such as bge-reranker-v2-m3), and `tokenizer.json`. Throws
 * `model-missing` or `invalid-input`, with the folder and the cure.
 */
export async function openRerankerFolder(folder: string, cacheDir: string, threads: number): Promise<Reranker> {
  const dir = resolve(folder);
  try {
    if (await isXlmRoberta(dir)) {
      const opened = await openXlmRobertaFolder(dir);
      return await openReranker({ model: opened.model, graph: xlmRobertaGraph(opened), cacheDir, threads });
    }
    requireFiles(dir, BERT_FILES);
    return await openReranker({ model: await nameByContent(dir, BERT_FILES), cacheDir, threads });
  } catch (error) {
    const { kind, message } = toLecternError(error);
    throw new LecternError(kind, `the cross-encoder in ${dir} cannot be used: ${message}`, {
      cure: 'Let LECTERN_RERANKER name a folder with weights and tokenizer.json of a BERT or XLM-RoBERTa cross-encoder, or set it to none.',
      cause: error,
    });
  }
}

function xlmRobertaGraph({ dir, shape, positions }: XlmRobertaFolder): CrossEncoderGraph {
  return {
    version: XLM_ROBERTA_GRAPH_VERSION,
    maxTokens: Math.min(MAX_TOKENS, positions),
    async write(path) {
      const { tensors } = openFolderWeights(dir);
      try {
        await buildXlmRobertaCrossEncoderGraph(tensors, shape).write(path);
      } finally {
        tensors.close();
      }
    },
  };
}
