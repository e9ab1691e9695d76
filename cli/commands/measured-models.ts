import { readFile } from 'node:fs/promises';
import { MeasuredModelsSchema, type MeasuredModels } from '../../contracts/measured-models.ts';

/** What was measured of speech models in this build, as it was committed. */
export async function readMeasuredModels(): Promise<MeasuredModels> {
  const text = await readFile(new URL('../../eval/results/speech-models.json', import.meta.url), 'utf8');
  return MeasuredModelsSchema.parse(JSON.parse(text));
}
