import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from './find-chromium.ts';
import { openPage, type PageUnderTest } from './signed-in-page.ts';

const chromium = await findChromium();
if (chromium === undefined) console.log('tests/browser are skipped: there is no Chromium on the path');

/** A name that would run as a script, were it ever taken for markup. */
const HOSTILE_NAME = '<img src=x onerror=document.title="owned">';
const INGESTED_WITHIN_MS = 240_000;

describe.runIf(chromium !== undefined)('the page, in a browser', () => {
  let under: PageUnderTest;
  beforeAll(async () => {
    under = await openPage(chromium ?? '');
  });
  afterAll(() => under.close());

  it('asks for an API key, says when it is wrong, and lets in by keyboard alone', async () => {
    const { page, stack } = under;
    await page.goto('/');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await under.seriousFindings()).toEqual([]);
    await page.getByLabel('API key').fill('lk_wrong');
    await page.keyboard.press('Enter');
    expect(await page.getByRole('alert').textContent()).toContain('this API key is not valid');
    await page.getByLabel('API key').fill(stack.apiKey);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Library' }).waitFor();
    const cookies = await page.context().cookies();
    expect(cookies).toMatchObject([{ httpOnly: true, sameSite: 'Strict' }]);
    expect(JSON.stringify(cookies)).not.toContain(stack.apiKey);
    // The first thing that Tab reaches is the way past the navigation.
    await page.reload();
    await page.getByRole('heading', { name: 'Library' }).waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toContain('Skip to the content');
  });

  it('takes a recording, shows how it goes, and has its transcript', { timeout: INGESTED_WITHIN_MS + 60_000 }, async () => {
    const { page } = under;
    await page.getByLabel('Drop audio or video here').setInputFiles(await under.recording(`${HOSTILE_NAME}.opus`));
    await page.getByText('uploaded, and being worked on').waitFor();
    await page.getByRole('listitem').filter({ hasText: '✓ ready' }).waitFor({ timeout: INGESTED_WITHIN_MS });
    expect(await under.seriousFindings()).toEqual([]);
    await page.getByRole('heading', { level: 2 }).getByRole('link', { name: HOSTILE_NAME }).click();
    await page.getByRole('heading', { level: 1, name: HOSTILE_NAME }).waitFor();
    await page.getByLabel('Search in this lecture').fill('three times');
    await page.locator('.word-shown').waitFor();
    expect(await page.title()).toBe('Lectern');
    expect(await under.seriousFindings()).toEqual([]);
  });

  it('plays from a word, and by single keys', async () => {
    const { page } = under;
    await page.locator('.word-shown').click();
    const seconds = () => page.evaluate<number>('document.querySelector("video").currentTime');
    await expect.poll(seconds).toBeGreaterThan(30);
    await page.getByRole('heading', { level: 1 }).click();
    await page.evaluate('document.querySelector("video").pause()');
    const before = await seconds();
    await page.keyboard.press('j');
    await expect.poll(seconds).toBeLessThan(before - 5);
  });

  it('answers with citations that lead to the second', async () => {
    const { page } = under;
    await page.getByRole('navigation').getByRole('link', { name: 'Ask' }).click();
    await page.getByLabel('Your question').fill('How many times does the repetition scheme send every bit?');
    await page.keyboard.press('Enter');
    const citation = page.getByRole('list', { name: 'Citations' }).getByRole('listitem').first();
    await citation.waitFor();
    expect(await citation.getByRole('blockquote').textContent()).toMatch(/three times/i);
    await citation.getByRole('button', { name: 'Play here' }).click();
    await page.locator('audio').waitFor();
    expect(await under.seriousFindings()).toEqual([]);
    await citation.getByRole('link').click();
    await page.waitForURL(/\/lectures\/lec_[0-9a-f]{24}\?t=\d+$/);
    await expect.poll(() => page.evaluate<number>('document.querySelector("video").currentTime')).toBeGreaterThan(30);
  });

  it('edits words and names, keeps the place, shows what changed and takes it back', async () => {
    const { page } = under;
    await page.goto('/');
    await page.getByRole('link', { name: HOSTILE_NAME }).click();
    await page.getByRole('checkbox', { name: 'Edit' }).check();
    await page.getByRole('button', { name: 'Edit from' }).first().click();
    const words = page.getByLabel('Words of this paragraph');
    const before = await words.inputValue();
    await words.fill(before.replace('Good morning', 'Glorious morning'));
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Glorious').first().waitFor();
    await page.getByRole('button', { name: 'Rename' }).first().click();
    await page.getByLabel('Name of speaker 1').fill('Ada <b>Lovelace</b> אדה');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Ada <b>Lovelace</b> אדה' }).first().waitFor();
    await page.getByText('History of the transcript').click();
    await page.getByRole('button', { name: 'What changed' }).last().click();
    expect(await page.getByRole('insertion').textContent()).toContain('Glorious');
    expect(await under.seriousFindings()).toEqual([]);
    // Search finds the new word as soon as the revision is published.
    await expect
      .poll(
        async () => {
          const found = await page.request.post('/api/v1/query', {
            headers: { 'x-lectern-page': '1' },
            data: { question: '"Glorious morning"', answer: false },
          });
          return ((await found.json()) as { hits: { text: string }[] }).hits.some(({ text }) => text.includes('Glorious'));
        },
        { timeout: 60_000 },
      )
      .toBe(true);
    await page.getByRole('button', { name: 'Restore' }).last().click();
    await page.getByText('Good').first().waitFor();
    await expect.poll(() => page.getByText('Glorious').count()).toBeLessThanOrEqual(1);
  });

  it('says what is not in the lectures, with what is nearest', async () => {
    const { page } = under;
    await page.goto('/ask');
    await page.getByLabel('Your question').fill('How are glaciers formed?');
    await page.keyboard.press('Enter');
    await page.getByText('This is not in the lectures.').waitFor();
    await page.getByText('The nearest passages', { exact: true }).waitFor();
    expect(await page.locator('.passages li').count()).toBeGreaterThan(0);
  });

  it('shows jobs with their stages', async () => {
    const { page } = under;
    await page.getByRole('link', { name: 'Jobs' }).click();
    await page.getByText('Stages').first().click();
    await page.getByText('transcribe').first().waitFor();
    expect(await under.seriousFindings()).toEqual([]);
  });

  it('fits a phone', async () => {
    const { page } = under;
    await page.setViewportSize({ width: 360, height: 740 });
    for (const path of ['/', '/ask', '/jobs']) {
      await page.goto(path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    }
    await page.setViewportSize({ width: 1200, height: 900 });
  });

  it('keeps what was written when the server is away, and when the session ends', async () => {
    const { page } = under;
    await page.goto('/ask');
    await page.getByLabel('Your question').fill('What is a parity bit?');
    await page.context().setOffline(true);
    await page.keyboard.press('Enter');
    expect(await page.getByRole('alert').textContent()).toContain('Lectern cannot be reached');
    expect(await page.getByLabel('Ask on').inputValue()).toBe('What is a parity bit?');
    await page.context().setOffline(false);
    await page.context().clearCookies();
    await page.getByRole('button', { name: 'Ask' }).click();
    await page.getByRole('dialog', { name: 'Your session has ended' }).waitFor();
    await page.getByLabel('API key').fill(under.stack.apiKey);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await page.getByLabel('Ask on').inputValue()).toBe('What is a parity bit?');
    await page.getByRole('button', { name: 'Ask' }).click();
    await page.getByRole('list', { name: 'Citations' }).first().waitFor();
  });

  it('signs out for good', async () => {
    const { page } = under;
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect((await page.request.get('/api/v1/me')).status()).toBe(401);
  });

  it('never did what its policy forbids', () => {
    expect(under.complaints).toEqual([]);
  });
});
