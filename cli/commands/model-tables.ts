import type { MeasuredModel, MeasuredModels } from '../../contracts/measured-models.ts';
import { formatBytes, formatTable } from '../output.ts';

/** What of a model of the catalogue the list tells. */
interface ModelFacts {
  name: string;
  description: string;
  revision: string;
  licence: string;
  optional: boolean;
  /** Of models that turn speech into text. */
  speech?: SpeechFacts;
  files: readonly { bytes: number; state: 'present' | 'missing' | 'corrupt' }[];
}

interface SpeechFacts {
  languages: number;
  /** In percent. */
  publishedWer?: { librispeechClean: number; librispeechOther: number } | undefined;
  notRunnable?: string | undefined;
}

type ModelState = 'here' | 'optional' | 'missing' | 'corrupt';

type ListedModel<Facts extends ModelFacts = ModelFacts> = Facts & {
  state: ModelState;
  bytes: number;
  /** Of speech models: whether `LECTERN_ASR_MODEL` names it. */
  isChosen?: boolean;
  runnable?: boolean;
  measured?: MeasuredModel;
};

/** Adds what the files together say, what was measured, and whether it is the one that transcribes. */
export function toListedModel<Facts extends ModelFacts>(model: Facts, measured: MeasuredModels, chosen: string): ListedModel<Facts> {
  const bytes = model.files.reduce((sum, file) => sum + file.bytes, 0);
  const listed = { ...model, state: stateOf(model), bytes };
  if (model.speech === undefined) return listed;
  // Figures of other weights under the same name are not this model's.
  const figures = measured.models.find(({ name, revision }) => name === model.name && revision === model.revision);
  return {
    ...listed,
    isChosen: model.name === chosen,
    runnable: model.speech.notRunnable === undefined,
    ...(figures && { measured: figures }),
  };
}

export function stateOf({ files, optional }: Pick<ModelFacts, 'files' | 'optional'>): ModelState {
  const states = new Set(files.map(({ state }) => state));
  if (states.has('corrupt')) return 'corrupt';
  if (!states.has('missing')) return 'here';
  return optional ? 'optional' : 'missing';
}

/** Speech models with what they are worth, the other models below, and what the columns mean. */
export function renderModelList(models: readonly ListedModel[], measured: MeasuredModels, publishedBy: string): string {
  const speech = models.flatMap((model) => (model.speech === undefined ? [] : [{ model, speech: model.speech }]));
  const others = models.filter((model) => model.speech === undefined);
  const recordings = `${measured.recordings} recordings, ${Math.round(measured.audioSeconds)} s`;
  return [
    formatTable(
      ['SPEECH TO TEXT', 'STATE', 'SIZE', 'LANGUAGES', 'PUBLISHED WER', 'OUR WER', 'CPU TIME', 'LICENCE'],
      speech.map(({ model, speech: facts }) => speechRow(model, facts)),
    ),
    '',
    formatTable(
      ['OTHERS', 'STATE', 'SIZE', 'LICENCE', 'WHAT'],
      others.map(({ name, state, bytes, licence, description }) => [name, state, formatBytes(bytes), licence, description]),
    ),
    '',
    '* transcribes here: LECTERN_ASR_MODEL chooses by name, or a folder by its path',
    `PUBLISHED WER: word errors in % on LibriSpeech test-clean / test-other, ${publishedBy}`,
    `OUR WER, CPU TIME: int8, ${measured.data} (${recordings}); seconds of processor time, all threads together, for a second of audio`,
    ...speech.flatMap(({ model, speech: { notRunnable } }) =>
      notRunnable === undefined ? [] : [`${model.name} cannot be run by this build: ${notRunnable}`],
    ),
  ].join('\n');
}

function speechRow({ name, isChosen, runnable, state, bytes, licence, measured }: ListedModel, speech: SpeechFacts): string[] {
  const { publishedWer: published, languages } = speech;
  return [
    `${name}${isChosen === true ? ' *' : ''}`,
    runnable === true ? state : 'not runnable',
    formatBytes(bytes),
    languages === 1 ? 'English' : String(languages),
    published === undefined ? '-' : `${published.librispeechClean.toFixed(2)} / ${published.librispeechOther.toFixed(2)}`,
    measured === undefined ? '-' : (measured.wer * 100).toFixed(1),
    measured === undefined ? '-' : measured.processorFactor.toFixed(2),
    licence,
  ];
}
