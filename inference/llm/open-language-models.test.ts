import { expect, it } from 'vitest';
import { parseConfig } from '../../contracts/config.ts';
import { openLanguageModels, type LanguageModels } from './open-language-models.ts';

function open(environment: Record<string, string>): Promise<LanguageModels | null> {
  return openLanguageModels(
    parseConfig(environment),
    () => Promise.reject(new Error('no model file is needed here')),
    () => undefined,
  );
}

const SERVERS = {
  OLLAMA_URL: 'http://ollama:11434',
  OPENAI_URL: 'http://vllm:8000/v1',
  OPENAI_MODEL: 'qwen',
  ANTHROPIC_MODEL: 'claude',
  ANTHROPIC_API_KEY: 'sk-1',
};

it.each([
  [{}, null],
  [{ OPENAI_API_KEY: 'sk-1', ANTHROPIC_API_KEY: 'sk-1' }, null],
  [{ OLLAMA_URL: 'http://ollama:11434', LECTERN_LLM: 'none' }, null],
  [{ OLLAMA_URL: 'http://ollama:11434' }, ['ollama/llama3.2:3b']],
  [{ ...SERVERS, LECTERN_LLM: 'anthropic,openai,ollama' }, ['anthropic/claude', 'openai/qwen', 'ollama/llama3.2:3b']],
])('of %j come %j', async (environment, names) => {
  const models = await open(environment);
  expect(models && Object.keys(models.checks)).toEqual(names);
});

it.each([
  ['openai', 'OPENAI_URL'],
  ['anthropic', 'ANTHROPIC_MODEL'],
  ['llama-cpp', 'LLAMA_CPP_MODEL'],
])('says what %s lacks', async (LECTERN_LLM, variable) => {
  await expect(open({ LECTERN_LLM })).rejects.toMatchObject({ kind: 'invalid-input', cure: `Set ${variable}.` });
});

it('says how node-llama-cpp is installed where it is not', async () => {
  const environment = { LECTERN_LLM: 'llama-cpp', LLAMA_CPP_MODEL: 'gemma3-270m', LLAMA_CPP_FOLDER: '/nowhere' };
  await expect(open(environment)).rejects.toMatchObject({ kind: 'model-missing', cure: expect.stringContaining('npm install') });
});
