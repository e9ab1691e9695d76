import { z } from 'zod';
import type { LanguageModel } from '../language-model.ts';
import { createServedLanguageModel, type StreamStep } from './language-model-server.ts';
import type { StallLimits } from './stall-guard.ts';

export interface OpenAiOptions {
  /** Base address with its version, such as `http://127.0.0.1:8000/v1`. */
  url: string;
  model: string;
  /** Servers of one's own often need none. */
  apiKey?: string | undefined;
  stallLimits?: StallLimits;
}

const ChunkSchema = z.object({
  choices: z.array(z.object({ delta: z.object({ content: z.string().nullish() }).nullish() })).default([]),
  error: z.object({ message: z.string() }).optional(),
});

/** Text from any server that speaks OpenAI's chat completions: OpenAI, vLLM, llama.cpp, LM Studio, OpenRouter and others. */
export function createOpenAiLanguageModel({ url, model, apiKey, stallLimits }: OpenAiOptions): LanguageModel {
  return createServedLanguageModel({
    name: `openai/${model}`,
    url: url.replace(/\/+$/, ''),
    headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
    apiKey,
    generatePath: '/chat/completions',
    healthPath: '/models',
    variables: 'OPENAI_URL, OPENAI_MODEL and OPENAI_API_KEY',
    ...(stallLimits === undefined ? {} : { stallLimits }),
    toBody: ({ system, prompt, maxTokens, stop, format }) => ({
      model,
      messages: [
        { role: 'system', content: system },
        { role: 'user', content: prompt },
      ],
      stream: true,
      // Greedy: the same passages give the same answer.
      temperature: 0,
      max_tokens: maxTokens,
      ...(stop === undefined ? {} : { stop }),
      ...(format === undefined ? {} : { response_format: { type: 'json_schema', json_schema: { name: 'reply', schema: format } } }),
    }),
    readEvent({ data }): StreamStep {
      if (data === '[DONE]') return 'end';
      const { choices, error } = ChunkSchema.parse(JSON.parse(data));
      if (error !== undefined) return { error: error.message };
      const text = choices[0]?.delta?.content;
      return text ? { text } : undefined;
    },
  });
}
