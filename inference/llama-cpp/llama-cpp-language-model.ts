import { LecternError } from '../../contracts/errors.ts';
import { toLanguageModel, type GenerateRequest, type LanguageModel } from '../language-model.ts';
import { createTextQueue } from './text-queue.ts';
import type { Llama, LlamaGeneration, LlamaLibrary, LlamaSequence } from './llama-cpp-library.ts';

export interface LlamaCppOptions {
  library: LlamaLibrary;
  /** GGUF file. */
  modelPath: string;
  /** Shown in `name`. */
  modelName: string;
  /** More than there are free cores make it wait for itself at each layer. */
  threads: number;
  /** `auto` takes a card where the installed binary can use one. */
  gpu?: false | 'auto';
}

export type LlamaCppLanguageModel = LanguageModel & { close(): Promise<void> };

const CONTEXT_TOKENS = 8_192;

/**
 * A GGUF model in this process, through `node-llama-cpp`, which computes in threads of its own. One text is written at a time,
 * others wait. A model without a chat template only continues text: it is shown the examples of the request, then the prompt.
 */
export async function openLlamaCppLanguageModel(options: LlamaCppOptions): Promise<LlamaCppLanguageModel> {
  const { library, modelPath, modelName, threads, gpu = false } = options;
  const llama = await library.getLlama({ gpu, build: 'never', skipDownload: true, progressLogs: false, logLevel: 'error' });
  const name = `llama-cpp/${modelName}`;
  const { sequence, followsInstructions } = await openSequence(llama, modelPath, threads);

  let last: Promise<unknown> = Promise.resolve();
  async function write(request: GenerateRequest, generation: LlamaGeneration): Promise<void> {
    if (followsInstructions) {
      await sequence.clearHistory();
      const session = new library.LlamaChatSession({ contextSequence: sequence, systemPrompt: request.system });
      await session.prompt(request.prompt, generation).finally(() => session.dispose({ disposeSequence: false }));
    } else {
      // What stands in the sequence already is kept as far as both texts begin with it: the examples, above all.
      const completion = new library.LlamaCompletion({ contextSequence: sequence });
      const begun = completion.generateCompletion(toContinuation(request), generation);
      await begun.finally(() => completion.dispose({ disposeSequence: false }));
    }
  }

  const model = toLanguageModel({
    name,
    async *stream(request) {
      const leave = new AbortController();
      const signal = request.signal === undefined ? leave.signal : AbortSignal.any([leave.signal, request.signal]);
      const queue = createTextQueue();
      const generation: LlamaGeneration = {
        maxTokens: request.maxTokens,
        temperature: 0,
        customStopTriggers: [...(request.stop ?? [])],
        signal,
        onTextChunk: (text) => queue.push(text),
      };
      const writing = last.then(async () => {
        signal.throwIfAborted();
        await write(request, generation);
      });
      last = writing.catch(() => undefined);
      writing.then(
        () => queue.end(),
        (error: unknown) => queue.fail(error),
      );
      try {
        yield* queue.read();
      } catch (error) {
        request.signal?.throwIfAborted();
        throw new LecternError('unavailable', `${name} failed: ${error instanceof Error ? error.message : String(error)}`, {
          cause: error,
        });
      } finally {
        leave.abort();
      }
    },
    health: () => Promise.resolve(),
  });
  return {
    ...model,
    async close() {
      await last;
      await llama.dispose();
    },
  };
}

interface Opened {
  sequence: LlamaSequence;
  followsInstructions: boolean;
}

async function openSequence(llama: Llama, modelPath: string, threads: number): Promise<Opened> {
  try {
    const model = await llama.loadModel({ modelPath });
    const context = await model.createContext({ contextSize: Math.min(CONTEXT_TOKENS, model.trainContextSize), threads });
    return { sequence: context.getSequence(), followsInstructions: model.fileInfo.metadata.tokenizer.chat_template !== undefined };
  } catch (error) {
    await llama.dispose();
    throw new LecternError('model-missing', `${modelPath} cannot be loaded as a GGUF model`, {
      cure: 'Set LLAMA_CPP_MODEL to a whole GGUF file.',
      cause: error,
    });
  }
}

/** Examples, then the prompt in the same shape, for a model that goes on as the text before it went. */
export function toContinuation({ prompt, examples = [] }: Pick<GenerateRequest, 'prompt' | 'examples'>): string {
  return [...examples.map((example) => `${example.prompt} ${example.reply}`), prompt].join('\n\n\n');
}
