import { basename } from 'node:path';
import { availableParallelism } from 'node:os';
import type { Config, LLM_PROVIDERS } from '../../contracts/config.ts';
import { LecternError } from '../../contracts/errors.ts';
import type { LanguageModel } from '../language-model.ts';
import { openLlamaCppLanguageModel } from '../llama-cpp/llama-cpp-language-model.ts';
import { loadLlamaLibrary } from '../llama-cpp/llama-cpp-library.ts';
import type { ModelStore } from '../models/store.ts';
import { createOllamaLanguageModel } from '../ollama/ollama-language-model.ts';
import { createAnthropicLanguageModel } from './anthropic-language-model.ts';
import { createLanguageModelChain, type LanguageModelChain, type OnModelFailure } from './language-model-chain.ts';
import { createOpenAiLanguageModel } from './openai-language-model.ts';

type Provider = (typeof LLM_PROVIDERS)[number];
type OpenModel = LanguageModel & { close?(): Promise<void> };

export type LanguageModels = LanguageModelChain & { close(): Promise<void> };

/**
 * The language models that the configuration names, as a chain; `null` where it names none. A model in this process is loaded
 * here, so that a lack of memory shows at the start. Errors: `invalid-input` for a variable that a named one needs,
 * `model-missing` for a library or a file.
 */
export async function openLanguageModels(
  config: Config,
  openStore: () => Promise<ModelStore>,
  onFailure: OnModelFailure,
): Promise<LanguageModels | null> {
  const providers: readonly Provider[] = config.LECTERN_LLM ?? (config.OLLAMA_URL === undefined ? [] : ['ollama']);
  if (providers.length === 0) return null;
  const models: OpenModel[] = [];
  for (const provider of providers) models.push(await OPENERS[provider](config, openStore));
  const chain = createLanguageModelChain(models, {
    maxFailures: config.LECTERN_LLM_FAILURES,
    coolDownMs: config.LECTERN_LLM_COOL_DOWN_SECONDS * 1_000,
    onFailure,
  });
  return {
    ...chain,
    async close() {
      for (const model of models) await model.close?.();
    },
  };
}

const OPENERS: Record<Provider, (config: Config, openStore: () => Promise<ModelStore>) => OpenModel | Promise<OpenModel>> = {
  ollama: (config) => createOllamaLanguageModel({ url: needed(config, 'OLLAMA_URL'), model: config.OLLAMA_MODEL }),
  openai: (config) =>
    createOpenAiLanguageModel({
      url: needed(config, 'OPENAI_URL'),
      model: needed(config, 'OPENAI_MODEL'),
      apiKey: config.OPENAI_API_KEY,
    }),
  anthropic: (config) =>
    createAnthropicLanguageModel({
      url: config.ANTHROPIC_URL,
      model: needed(config, 'ANTHROPIC_MODEL'),
      apiKey: needed(config, 'ANTHROPIC_API_KEY'),
    }),
  async 'llama-cpp'(config, openStore) {
    const model = needed(config, 'LLAMA_CPP_MODEL');
    const library = await loadLlamaLibrary(config.LLAMA_CPP_FOLDER);
    const isPath = /[\\/]/.test(model);
    return openLlamaCppLanguageModel({
      library,
      modelPath: isPath ? model : (await (await openStore()).ensure(model)).path('model.gguf'),
      modelName: isPath ? basename(model, '.gguf') : model,
      threads: config.LECTERN_THREADS ?? availableParallelism(),
      gpu: config.LECTERN_DEVICE === 'cuda' ? 'auto' : false,
    });
  },
};

type OptionalVariable = 'OLLAMA_URL' | 'OPENAI_URL' | 'OPENAI_MODEL' | 'ANTHROPIC_MODEL' | 'ANTHROPIC_API_KEY' | 'LLAMA_CPP_MODEL';

function needed(config: Config, variable: OptionalVariable): string {
  const value = config[variable];
  if (value !== undefined) return value;
  throw new LecternError('invalid-input', `LECTERN_LLM names a language model that needs ${variable}`, { cure: `Set ${variable}.` });
}
