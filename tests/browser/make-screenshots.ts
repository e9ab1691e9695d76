/** Makes the pictures of the page in `docs/screenshots/`, of the demo lecture on a stack of its own: `node tests/browser/make-screenshots.ts`. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { findChromium } from './find-chromium.ts';
import { openPage } from './signed-in-page.ts';

const FOLDER = join(import.meta.dirname, '../../docs/screenshots');
const DEMO = join(import.meta.dirname, '../../demo/lecture.opus');
const INGESTED_WITHIN_MS = 600_000;

async function main(): Promise<void> {
  const chromium = await findChromium();
  if (chromium === undefined) throw new Error('there is no Chromium on the path');
  await mkdir(FOLDER, { recursive: true });
  const { page, stack, close } = await openPage(chromium);
  try {
    await page.setViewportSize({ width: 1100, height: 720 });
    await signIn(page, stack.apiKey);
    await addLecture(page);
    await listen(page);
    await ask(page);
  } finally {
    await close();
  }
}

function shoot(page: Page, name: string): Promise<unknown> {
  return page.screenshot({ path: join(FOLDER, `${name}.png`) });
}

async function signIn(page: Page, apiKey: string): Promise<void> {
  await page.goto('/');
  await page.getByLabel('API key').fill(apiKey);
  await shoot(page, '1-sign-in');
  await page.keyboard.press('Enter');
}

async function addLecture(page: Page): Promise<void> {
  await page.getByLabel('Course of the new ones').fill('Information theory');
  await page.getByLabel('Semester of the new ones').fill('Winter 2026');
  await page.getByLabel('Drop audio or video here').setInputFiles(DEMO);
  await page.getByRole('listitem').filter({ hasText: '… processing' }).waitFor();
  await shoot(page, '2-library');
  await page.getByRole('link', { name: 'Jobs' }).click();
  await page.getByText('✓ done').first().waitFor({ timeout: INGESTED_WITHIN_MS });
  await shoot(page, '3-jobs');
  await page.getByRole('link', { name: 'Library' }).click();
  await page.getByRole('listitem').filter({ hasText: '✓ ready' }).waitFor({ timeout: INGESTED_WITHIN_MS });
}

async function listen(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 2 }).getByRole('link', { name: 'lecture' }).click();
  await page.getByLabel('Search in this lecture').fill('parity');
  await page.locator('.word-shown').waitFor();
  await page.locator('.word-shown').click();
  await page.evaluate('document.querySelector("video").pause()');
  await shoot(page, '4-lecture');
}

async function ask(page: Page): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name: 'Ask' }).click();
  await page.getByLabel('Your question').fill('How many parity bits does a thousand data bits need?');
  await page.keyboard.press('Enter');
  await page.getByRole('list', { name: 'Citations' }).waitFor();
  await page.getByRole('button', { name: 'Play here' }).first().click();
  await shoot(page, '5-ask');
}

await main();
