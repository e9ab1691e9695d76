import { z } from 'zod';
import type { LanguageModel } from '../language-model.ts';
import { createServedLanguageModel, type StreamStep } from './language-model-server.ts';
import type { StallLimits } from './stall-guard.ts';

export interface AnthropicOptions {
  /** Base address without a version. */
  url: string;
  model: string;
  apiKey: string;
  stallLimits?: StallLimits;
}

const DeltaSchema = z.object({ delta: z.object({ type: z.string(), text: z.string().optional() }) });
const FailureSchema = z.object({ error: z.object({ message: z.string() }) });

/** Text from Anthropic's messages API, version 2023-06-01. */
export function createAnthropicLanguageModel({ url, model, apiKey, stallLimits }: AnthropicOptions): LanguageModel {
  return createServedLanguageModel({
    name: `anthropic/${model}`,
    url: url.replace(/\/+$/, ''),
    headers: { 'x-api-key': apiKey, 'anthropic-version': '2023-06-01' },
    apiKey,
    generatePath: '/v1/messages',
    healthPath: `/v1/models/${encodeURIComponent(model)}`,
    variables: 'ANTHROPIC_URL, ANTHROPIC_MODEL and ANTHROPIC_API_KEY',
    ...(stallLimits === undefined ? {} : { stallLimits }),
    toBody: ({ system, prompt, maxTokens, stop }) => ({
      model,
      max_tokens: maxTokens,
      temperature: 0,
      system,
      messages: [{ role: 'user', content: prompt }],
      stream: true,
      ...(stop === undefined ? {} : { stop_sequences: stop }),
    }),
    readEvent({ event, data }): StreamStep {
      if (event === 'message_stop') return 'end';
      if (event === 'error') return { error: FailureSchema.parse(JSON.parse(data)).error.message };
      if (event !== 'content_block_delta') return undefined;
      const { type, text } = DeltaSchema.parse(JSON.parse(data)).delta;
      return type === 'text_delta' && text ? { text } : undefined;
    },
  });
}
