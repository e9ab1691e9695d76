import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { LecternError } from './errors.ts';

const flag = z
  .enum(['0', '1', 'true', 'false'])
  .default('0')
  .transform((value) => value === '1' || value === 'true');
const perMinute = (count: number) => z.coerce.number().int().min(0).default(count);
/** Where text may be generated. */
export const LLM_PROVIDERS = ['ollama', 'openai', 'anthropic', 'llama-cpp'] as const;

const port = z.coerce.number().int().min(0).max(65_535);

/**
 * All that a Lectern process can be told from outside, one variable each. Nothing is required: the defaults are the
 * embedded stack on one machine. `docs/configuration.md` is written from these descriptions.
 */
export const ConfigSchema = z.object({
  LECTERN_DATA: z.string().default('.lectern').describe('Folder of the embedded stack: objects, index, Temporal database, keys.'),
  LECTERN_CACHE: z
    .string()
    .optional()
    .describe('Folder of downloads: models, graphs, binaries. Default: $XDG_CACHE_HOME/lectern or ~/.cache/lectern.'),
  LECTERN_OFFLINE: flag.describe('1: download nothing; say exactly what is missing.'),
  LECTERN_HUB: z.url().default('https://huggingface.co').describe('Base address of the model hub or a mirror of it.'),
  HTTPS_PROXY: z.string().optional().describe('Proxy for https downloads of models, http://[user:password@]host:port. Also in lower case.'),
  HTTP_PROXY: z.string().optional().describe('Proxy for http downloads of models. Also in lower case.'),
  NO_PROXY: z.string().optional().describe('Hosts reached without a proxy, separated by commas. Also in lower case.'),
  LECTERN_HOST: z.string().default('127.0.0.1').describe('Address the API listens on.'),
  LECTERN_PORT: port.default(8080).describe('Port of the API; 0 takes a free one.'),
  LECTERN_URL: z.url().optional().describe('Where the command line finds the API. Default: the running embedded stack.'),
  LECTERN_API_KEY: z.string().optional().describe('API key of the command line. Default: the key that the embedded stack made.'),
  LECTERN_MAX_UPLOAD_BYTES: z.coerce
    .number()
    .int()
    .positive()
    .default(8 * 2 ** 30)
    .describe('Largest accepted upload in bytes.'),
  LECTERN_REQUESTS_PER_MINUTE: perMinute(6_000).describe(
    'Requests that a tenant may send to the API in a minute; one key may send half of them. More are answered 429 with the time to come back. Each API process counts in its own memory. 0: no limit; so with the next two.',
  ),
  LECTERN_UPLOADS_PER_MINUTE: perMinute(240).describe('Uploads among them.'),
  LECTERN_QUESTIONS_PER_MINUTE: perMinute(1_200).describe('Questions among them: searches and answers.'),
  LECTERN_MAX_DURATION_SECONDS: z.coerce
    .number()
    .positive()
    .default(6 * 3600)
    .describe('Longest accepted recording in seconds.'),
  LECTERN_ASR_MODEL: z
    .string()
    .default('whisper-base')
    .describe(
      'Model that transcribes: a name of `lectern models list`, or the path of a folder (with a slash in it) that holds a Whisper in the form of faster-whisper (CTranslate2) or Hugging Face.',
    ),
  LECTERN_ASR_BEAM: z.coerce
    .number()
    .int()
    .min(1)
    .max(10)
    .default(1)
    .describe(
      'Hypotheses that transcription on the CPU follows side by side where greedy decoding is not sure of its words. 1: greedy decoding alone, the fastest; 5 finds slightly better words for 1.4 times the processor time.',
    ),
  LECTERN_EMBEDDER: z
    .union([z.enum(['minilm-splade']), z.string().regex(/\//, 'minilm-splade, or the path of a folder (with a slash in it)')])
    .default('minilm-splade')
    .describe(
      'What passages and questions are compared by. minilm-splade: two small English models of the catalogue. A path of a folder (with a slash in it): the BGE-M3 there as it is published (weights, config.json, tokenizer.json, sparse_linear.pt), for more than a hundred languages, in float32: up to 2.3 GB of memory, and as much disk for its graph; when an answer is refused is calibrated for minilm-splade only. An index holds vectors of one model: to change it, begin a fresh one and ingest again.',
    ),
  LECTERN_DEVICE: z
    .enum(['cpu', 'cuda'])
    .default('cpu')
    .describe(
      'Where speech is transcribed. cuda: on an NVIDIA card; LECTERN_ASR_MODEL and, where it does not fit into the memory of the card, smaller Whispers in turn, the CPU last. Refuses to start work where CUDA does not load.',
    ),
  LECTERN_THREADS: z.coerce.number().int().min(1).optional().describe('Threads for inference. Default: all cores.'),
  LECTERN_LOG: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info').describe('Least severe log line written.'),
  LECTERN_METRICS_HOST: z
    .string()
    .default('127.0.0.1')
    .describe('Address at which a worker tells its metrics; the API tells its own at /metrics.'),
  LECTERN_METRICS_PORT: port
    .default(0)
    .describe('Port of that; every worker of a machine needs its own. 0 takes a free one, which the worker’s log names.'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url()
    .optional()
    .describe(
      'Base address of an OpenTelemetry collector (OTLP over HTTP): requests, workflows and stages are traced to it. Default: no traces.',
    ),
  TEMPORAL_ADDRESS: z.string().optional().describe('host:port of a Temporal server. Default: an embedded one is started.'),
  TEMPORAL_NAMESPACE: z.string().default('default').describe('Temporal namespace.'),
  LECTERN_UPGRADES: z
    .enum(['replay', 'pinned'])
    .default('replay')
    .describe(
      'What becomes of runs that are under way when workers of another build take over. replay: they go on there, by the recorded history that every change must keep to; right for one machine. pinned: they end on the build they began on, whose CPU workers run on beside the new ones until then (docs/runbooks/upgrade.md).',
    ),
  LECTERN_TEMPORAL_PORT: port.default(7233).describe('Port of the embedded Temporal server; 0 takes a free one.'),
  LECTERN_TEMPORAL_UI_PORT: port.default(8233).describe('Port of its UI; 0 takes a free one.'),
  MINIO_URL: z.url().optional().describe('S3 endpoint; without it objects are files below LECTERN_DATA.'),
  MINIO_ACCESS_KEY: z.string().optional().describe('S3 access key.'),
  MINIO_SECRET_KEY: z.string().optional().describe('S3 secret key.'),
  MINIO_BUCKET: z.string().default('lectern').describe('S3 bucket; made when it is missing.'),
  QDRANT_URL: z.url().optional().describe('Qdrant endpoint; without it the index is one SQLite file below LECTERN_DATA.'),
  QDRANT_API_KEY: z.string().optional().describe('Qdrant API key.'),
  LECTERN_MASTER_KEY: z
    .string()
    .optional()
    .describe(
      'Turns encryption on: base64 of 32 bytes (`openssl rand -base64 32`) that wrap a key for each tenant, which encrypts its objects and its payloads in Temporal. Further keys after commas open what they wrapped before a rotation. The same for every process; lost, everything is lost.',
    ),
  LECTERN_MASTER_KEY_FILE: z.string().optional().describe('File that holds it instead, readable by Lectern only.'),
  LECTERN_CODEC_ORIGINS: z
    .string()
    .default('')
    .transform((list, context) => {
      const origins = list.split(',').flatMap((origin) => (origin.trim() === '' ? [] : [origin.trim()]));
      if (origins.every((origin) => URL.parse(origin)?.origin === origin)) return origins;
      context.addIssue('origins such as https://temporal.example.org, without a path, separated by commas');
      return z.NEVER;
    })
    .describe(
      'Origins of Temporal UIs whose browsers may ask `/codec/decode` for what is encrypted, separated by commas. The embedded stack names its own.',
    ),
  LECTERN_CODEC_TOKEN: z
    .string()
    .min(32)
    .optional()
    .describe(
      'Opens `/codec/{token}/decode` to programs on this machine, for the UI of the embedded stack, which makes a new one at each start.',
    ),
  LECTERN_QUERY_BUDGET_MS: z.coerce
    .number()
    .int()
    .min(0)
    .default(1000)
    .describe(
      'Milliseconds that finding passages for a question may take, the answer not counted. Stages that would take longer (a reranker, a second look) are left out, and named in the response.',
    ),
  LECTERN_LLM: z
    .string()
    .optional()
    .transform((list, context) => {
      const names = list?.split(',').map((name) => name.trim());
      if (names?.length === 1 && names[0] === 'none') return [];
      const parsed = z.array(z.enum(LLM_PROVIDERS)).optional().safeParse(names);
      if (parsed.success && new Set(names).size === (names?.length ?? 0)) return parsed.data;
      context.addIssue(`none, or some of ${LLM_PROVIDERS.join(', ')}, each once, separated by commas`);
      return z.NEVER;
    })
    .describe(
      'Language models in the order in which they are asked, separated by commas: ollama, openai, anthropic, llama-cpp; or none. Where none of them answers, answers are extractive. Default: ollama where OLLAMA_URL is set, else none. openai and anthropic send passages of lectures and questions to the server named.',
    ),
  LECTERN_LLM_FAILURES: z.coerce
    .number()
    .int()
    .min(1)
    .default(3)
    .describe('Failures in a row after which a language model is left alone for a while.'),
  LECTERN_LLM_COOL_DOWN_SECONDS: z.coerce
    .number()
    .positive()
    .default(30)
    .describe('Seconds for which it is left alone; then one question tries it again.'),
  LECTERN_CONTEXT_SECONDS: z.coerce
    .number()
    .positive()
    .default(1_800)
    .describe(
      'Seconds for which a language model may situate the passages of one lecture, where a tenant has chosen that; headers stand in for the rest, and the next ingest goes on.',
    ),
  LECTERN_CONTEXT_TOKENS: z.coerce
    .number()
    .int()
    .positive()
    .default(500_000)
    .describe('Tokens, read and written, that this may take for one lecture, by estimate; three hours of speech take about 100000.'),
  LECTERN_RERANKER: z
    .union([
      z.enum(['none', 'late-interaction']),
      z.string().regex(/\//, 'none, late-interaction, or the path of a folder (with a slash in it)'),
    ])
    .default('none')
    .describe(
      'What ranks the first ten passages anew. late-interaction: token vectors of the embedder, compared one by one. A path of a folder (with a slash in it): the cross-encoder there in the form of Hugging Face, of BERT’s kind (such as ms-marco-MiniLM-L6-v2) or XLM-RoBERTa’s (bge-reranker-v2-m3), with its tokenizer.json.',
    ),
  LECTERN_DIVERSITY: z.coerce
    .number()
    .min(0)
    .max(0.9)
    .default(0)
    .describe('How much a passage loses for saying what one before it said, 0 (nothing) to 0.9. 0.3 moves repeated lectures apart.'),
  LECTERN_HYDE: flag.describe(
    '1: where the first look is weak, a language model makes up an answer and passages like it are looked for too. Takes as long as the model writes: raise LECTERN_QUERY_BUDGET_MS.',
  ),
  OLLAMA_URL: z.url().optional().describe('Ollama endpoint; without any language model answers are extractive and chunks have no context.'),
  OLLAMA_MODEL: z.string().default('llama3.2:3b').describe('Model that Ollama serves.'),
  OPENAI_URL: z
    .url()
    .optional()
    .describe('Base address of a server that speaks OpenAI’s chat completions (vLLM, llama.cpp, LM Studio, OpenAI, ...), up to its /v1.'),
  OPENAI_MODEL: z.string().optional().describe('Model that it serves.'),
  OPENAI_API_KEY: z.string().optional().describe('Its key; servers of one’s own often need none.'),
  ANTHROPIC_URL: z.url().default('https://api.anthropic.com').describe('Anthropic endpoint.'),
  ANTHROPIC_MODEL: z.string().optional().describe('Anthropic model.'),
  ANTHROPIC_API_KEY: z.string().optional().describe('Anthropic key.'),
  LLAMA_CPP_MODEL: z
    .string()
    .optional()
    .describe(
      'Model that runs in the process itself, through node-llama-cpp where that is installed: a GGUF file, or a name of the catalogue.',
    ),
  LLAMA_CPP_FOLDER: z.string().optional().describe('Folder below whose node_modules node-llama-cpp is installed. Default: Lectern’s own.'),
});
/** As parsed; `LECTERN_CACHE` is filled in. */
export type Config = z.infer<typeof ConfigSchema> & { LECTERN_CACHE: string };

/** Reads the configuration once, at the start of a process. Unset and empty variables are the same. */
export function parseConfig(environment: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(
    Object.entries(environment)
      .filter(([, value]) => value !== undefined && value !== '')
      .map(([name, value]) => [/^(https?|no)_proxy$/.test(name) ? name.toUpperCase() : name, value]),
  );
  const parsed = ConfigSchema.safeParse(given);
  if (parsed.success) return { ...parsed.data, LECTERN_CACHE: parsed.data.LECTERN_CACHE ?? defaultCache(given) };
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  throw new LecternError('invalid-input', `configuration: ${problems}`, { cure: 'Correct or unset the variable named.' });
}

function defaultCache(environment: Record<string, string | undefined>): string {
  return join(environment['XDG_CACHE_HOME'] ?? join(environment['HOME'] ?? homedir(), '.cache'), 'lectern');
}
