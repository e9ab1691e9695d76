import { findOnPath } from '../../cli/embedded/find-on-path.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The system's Chromium, by the names that distributions give it; `undefined` where there is none. Nothing is installed. */
export async function findChromium(): Promise<string | undefined> {
  for (const name of NAMES) {
    const path = await findOnPath(name, process.env['PATH']);
    if (path !== undefined) return path;
  }
  return undefined;
}
