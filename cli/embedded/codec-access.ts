import { randomBytes } from 'node:crypto';
import type { Config } from '../../contracts/config.ts';

/** How the UI of the embedded Temporal comes to read what is encrypted. */
export interface CodecAccess {
  /** For the server's `--ui-codec-endpoint`. */
  endpoint: string;
  /** Variables of the API that serve it. */
  environment(uiUrl: string): Record<string, string>;
}

/**
 * That UI has no sign-in and sends no key, so its endpoint has a token in its path, new at each start, and is served to this machine
 * only. `undefined` where encryption is off or Temporal is not ours.
 */
export function createCodecAccess(config: Config, apiPort: number): CodecAccess | undefined {
  const isOn = config.LECTERN_MASTER_KEY !== undefined || config.LECTERN_MASTER_KEY_FILE !== undefined;
  if (!isOn || config.TEMPORAL_ADDRESS !== undefined) return undefined;
  const token = randomBytes(32).toString('base64url');
  return {
    endpoint: `http://127.0.0.1:${apiPort}/codec/${token}`,
    environment: (uiUrl) => {
      const ui = new URL(uiUrl);
      // A browser tells apart what people do not.
      const origins = new Set([...config.LECTERN_CODEC_ORIGINS, ui.origin, `http://localhost:${ui.port}`]);
      return { LECTERN_CODEC_TOKEN: token, LECTERN_CODEC_ORIGINS: [...origins].join(',') };
    },
  };
}
