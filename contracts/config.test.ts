import { describe, expect, it } from 'vitest';
import { ConfigSchema, parseConfig } from './config.ts';

/** The page that operators read, written from the schema: `npx vitest run --project unit contracts/config -u` renews it. */
function renderConfigurationPage(): string {
  const rows = Object.entries(ConfigSchema.shape).map(([name, schema]) => {
    const fallback = schema.safeParse(undefined);
    const value = fallback.success && fallback.data !== undefined ? `\`${String(fallback.data)}\`` : '';
    return `| \`${name}\` | ${schema.description} | ${value} |`;
  });
  const lines = [
    '# Configuration',
    '',
    'Environment variables, read once when a process starts. None is required: without any, Lectern is the embedded stack on one machine.',
    '',
    '| variable | meaning | default |',
    '|---|---|---|',
    ...rows,
  ];
  return `${lines.join('\n')}\n`;
}

describe('configuration', () => {
  it('is the embedded stack when nothing is set', () => {
    const config = parseConfig({});
    expect(config.MINIO_URL).toBeUndefined();
    expect(config.QDRANT_URL).toBeUndefined();
    expect(config.LECTERN_HOST).toBe('127.0.0.1');
  });

  it('takes an empty variable for an unset one', () => {
    expect(parseConfig({ LECTERN_PORT: '' }).LECTERN_PORT).toBe(8080);
  });

  it('takes proxies in lower case too, as curl does', () => {
    expect(parseConfig({ https_proxy: 'http://proxy.example:3128', no_proxy: 'localhost' })).toMatchObject({
      HTTPS_PROXY: 'http://proxy.example:3128',
      NO_PROXY: 'localhost',
    });
  });

  it('names the variable that is wrong and what to do', () => {
    expect(() => parseConfig({ LECTERN_PORT: 'eighty' })).toThrow(/LECTERN_PORT/);
    expect(() => parseConfig({ LECTERN_OFFLINE: 'yes' })).toThrow(/LECTERN_OFFLINE/);
  });

  it('takes the language models in their order, each once, or none of them', () => {
    expect(parseConfig({}).LECTERN_LLM).toBeUndefined();
    expect(parseConfig({ LECTERN_LLM: 'openai, ollama' }).LECTERN_LLM).toEqual(['openai', 'ollama']);
    expect(parseConfig({ LECTERN_LLM: 'none' }).LECTERN_LLM).toEqual([]);
    for (const wrong of ['gpt', 'ollama,ollama', 'none,ollama', ',']) {
      expect(() => parseConfig({ LECTERN_LLM: wrong })).toThrow(/LECTERN_LLM: none, or some of ollama/);
    }
  });

  it('is described variable by variable in docs/configuration.md', async () => {
    await expect(renderConfigurationPage()).toMatchFileSnapshot('../docs/configuration.md');
  });
});
