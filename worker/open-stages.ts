import type { Config } from '../contracts/config.ts';
import { LecternError } from '../contracts/errors.ts';
import type { Reranker, TokenEncoder } from '../inference/embedder.ts';
import type { LanguageModel } from '../inference/language-model.ts';
import { openRerankerFolder } from '../inference/text/reranker-folder.ts';
import { createCrossEncoderStage } from '../retrieval/rerank/cross-encoder.ts';
import { createLateInteraction } from '../retrieval/rerank/late-interaction.ts';
import { wordOrder } from '../retrieval/rerank/word-order.ts';
import type { SearchStage } from '../retrieval/search-stage.ts';
import { createDiversity } from '../retrieval/stages/diversity.ts';
import { createHypotheticalAnswer } from '../retrieval/stages/hypothetical-answer.ts';
import type { DenseEncoder } from './text-encoders.ts';

export interface OpenStages {
  /** In the order they run. */
  stages: SearchStage[];
  /** The cross-encoder that was opened for them, to be closed. */
  reranker?: Reranker;
}

interface StageParts {
  encoder: DenseEncoder;
  languageModel: LanguageModel | null;
  threads: number;
}

/** The stages that the configuration asks for. Throws `model-missing` or `invalid-input` where they cannot be had. */
export async function openStages(config: Config, { encoder, languageModel, threads }: StageParts): Promise<OpenStages> {
  const reranker = isFolder(config.LECTERN_RERANKER)
    ? await openRerankerFolder(config.LECTERN_RERANKER, config.LECTERN_CACHE, threads)
    : undefined;
  const stages = [
    ...(config.LECTERN_HYDE && languageModel !== null ? [createHypotheticalAnswer(languageModel)] : []),
    wordOrder,
    ...(config.LECTERN_RERANKER === 'late-interaction' ? [createLateInteraction(requireTokenVectors(encoder))] : []),
    ...(reranker === undefined ? [] : [createCrossEncoderStage(reranker)]),
    ...(config.LECTERN_DIVERSITY === 0 ? [] : [createDiversity(1 - config.LECTERN_DIVERSITY)]),
  ];
  return reranker === undefined ? { stages } : { stages, reranker };
}

function isFolder(name: string): boolean {
  return name.includes('/');
}

function requireTokenVectors(encoder: DenseEncoder): TokenEncoder {
  if (hasTokenVectors(encoder)) return encoder;
  throw new LecternError('invalid-input', `LECTERN_RERANKER: ${encoder.model.name} gives no token vectors for late-interaction`, {
    cure: 'Set LECTERN_RERANKER to none or to a folder with a cross-encoder, or unset LECTERN_EMBEDDER.',
  });
}

function hasTokenVectors(encoder: DenseEncoder): encoder is DenseEncoder & TokenEncoder {
  return 'encodeTokens' in encoder;
}
