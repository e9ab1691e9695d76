import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium, type Browser, type Page } from 'playwright-core';
import { startStack, type RunningStack } from '../../cli/embedded/stack.ts';
import { parseConfig } from '../../contracts/config.ts';
import { openModelStore, toModelStoreOptions } from '../../inference/models/store.ts';
import { findFfmpeg } from '../../media/find-ffmpeg.ts';
import { onFreePorts } from '../stack/stack-config.ts';

/** The whole stack with a browser in front of it. */
export interface PageUnderTest {
  stack: RunningStack;
  page: Page;
  /** What the page complained of: errors, and whatever its content security policy refused. */
  complaints: string[];
  /** A minute and a half of the demo lecture under this name. */
  recording: (name: string) => Promise<string>;
  /** Serious findings of axe on the view as it is now, by rule. */
  seriousFindings: () => Promise<string[]>;
  close: () => Promise<void>;
}

const run = promisify(execFile);
const DEMO = new URL('../../demo/lecture.opus', import.meta.url).pathname;
const EXCERPT_SECONDS = 90;

export async function openPage(chromiumPath: string): Promise<PageUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'lectern-browser-'));
  const config = parseConfig(process.env);
  const stack = await startStack(onFreePorts(config, join(folder, 'data')), () => undefined);
  // Without its sandbox, which root, as whom images of CI run, may not have.
  const browser: Browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  const context = await browser.newContext({ baseURL: stack.apiUrl, viewport: { width: 1200, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // A refused request is told by the browser, too, and is what some tests are about.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) complaints.push(message.text());
  });
  return {
    stack,
    page,
    complaints,
    async recording(name) {
      const path = join(folder, name);
      const store = await openModelStore({ ...toModelStoreOptions(config), onNotice: () => undefined });
      const ffmpeg = await findFfmpeg({ bundled: async () => (await store.ensure('ffmpeg')).path('ffmpeg') });
      await run(ffmpeg.path, ['-v', 'error', '-t', String(EXCERPT_SECONDS), '-i', DEMO, '-c', 'copy', '-y', path]);
      return path;
    },
    async seriousFindings() {
      const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze();
      return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
    },
    async close() {
      await browser.close();
      await stack.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
