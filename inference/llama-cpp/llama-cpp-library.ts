import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LecternError } from '../../contracts/errors.ts';

/** As much of `node-llama-cpp` 3 as is used here: it is no dependency of ours, so that its types may be absent. */
export interface LlamaLibrary {
  getLlama(options: {
    gpu: false | 'auto';
    /** Never compiles: a missing binary is an error, not half an hour. */
    build: 'never';
    skipDownload: true;
    progressLogs: false;
    logLevel: 'error';
    maxThreads?: number;
  }): Promise<Llama>;
  LlamaCompletion: new (options: { contextSequence: LlamaSequence }) => {
    generateCompletion(prompt: string, options: LlamaGeneration): Promise<string>;
    dispose(options: { disposeSequence: false }): void;
  };
  LlamaChatSession: new (options: { contextSequence: LlamaSequence; systemPrompt: string }) => {
    prompt(prompt: string, options: LlamaGeneration): Promise<string>;
    dispose(options: { disposeSequence: false }): void;
  };
}

export interface LlamaGeneration {
  maxTokens: number;
  temperature: number;
  customStopTriggers: string[];
  signal: AbortSignal;
  onTextChunk: (text: string) => void;
}

export interface Llama {
  loadModel(options: { modelPath: string }): Promise<LlamaModel>;
  dispose(): Promise<void>;
}

interface LlamaModel {
  readonly trainContextSize: number;
  readonly fileInfo: { metadata: { tokenizer: { chat_template?: string } } };
  createContext(options: { contextSize: number; threads?: number }): Promise<LlamaContext>;
}

interface LlamaContext {
  getSequence(): LlamaSequence;
}

export interface LlamaSequence {
  clearHistory(): Promise<void>;
}

const LIBRARY = 'node-llama-cpp';

/** `node-llama-cpp` where it is installed: beside Lectern's own packages, or below `folder`. Errors: `model-missing`. */
export async function loadLlamaLibrary(folder: string | undefined): Promise<LlamaLibrary> {
  const entry = folder === undefined ? undefined : join(folder, 'node_modules', LIBRARY, 'dist', 'index.js');
  try {
    if (entry !== undefined) await access(entry);
    return (await import(entry === undefined ? LIBRARY : pathToFileURL(entry).href)) as LlamaLibrary;
  } catch (error) {
    throw new LecternError('model-missing', `${LIBRARY} is not installed`, {
      cure: `Install it without its GPU builds (npm install --no-save --omit=optional ${LIBRARY} @node-llama-cpp/linux-x64, or the package of your platform), or take llama-cpp out of LECTERN_LLM.`,
      cause: error,
    });
  }
}
