import type { Config } from '../../contracts/config.ts';

/** An embedded stack that stands in nobody's way. */
export function onFreePorts(config: Config, dataDir: string): Config {
  return { ...config, LECTERN_DATA: dataDir, LECTERN_PORT: 0, LECTERN_TEMPORAL_PORT: 0, LECTERN_TEMPORAL_UI_PORT: 0 };
}
