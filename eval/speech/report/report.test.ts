import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ComparedSystem } from '../against/compare.ts';
import type { SpeechEvaluation } from '../evaluate-speech.ts';
import { scoreText } from '../score-recording.ts';
import { summarize } from '../summarize.ts';
import { plotBars } from './bar-plot.ts';
import { writeReport } from './write-report.ts';

function evaluation(): SpeechEvaluation {
  const recording = { file: 'a/x.wav', path: '', folder: 'a & b', language: 'en', text: 'parity bits', kind: 'speech' as const };
  const score = scoreText(recording, 'parity beats');
  const rates = summarize([
    { recording, score },
    { recording, score },
  ]);
  const timing = { workSeconds: 5, processorSeconds: 9, loadSeconds: 1, peakMemoryBytes: 5e8, rounds: [] };
  const system = (name: string, realTimeFactor: number): ComparedSystem => ({ name, ...rates, ...timing, realTimeFactor });
  const systems = [system('Lectern', 0.05), system('faster-whisper batched', 0.1)];
  const ratios = { wer: 0.5, speedRatio: 2, speedRatioByRound: [2], memoryRatio: 1, derByFolder: {} };
  const difference = { werDifference: -0.01, werDifferenceInterval: [-0.02, 0.005] as [number, number], wordTimeAgreement: null };
  const heard = { kind: recording.kind, language: 'en', speakerCountFound: 1, audioSeconds: 60, text: 'parity beats' };
  return {
    models: { transcriber: 'whisper', diarizer: 'campplus' },
    ...rates,
    audioSeconds: 60,
    realTimeFactor: 0.1,
    peakMemoryBytes: 1e9,
    files: [{ file: recording.file, ...heard, seconds: { decode: 0, detectSpeech: 0, transcribe: 5, diarize: 1 } }],
    against: { name: 'faster-whisper', ...ratios, ...difference, audioSeconds: 60, threads: 2, rounds: 1, systems },
  };
}

test('a report has the figures, the command and the plot, and nothing that anybody said', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lectern-report-'));
  try {
    const path = await writeReport(folder, evaluation(), 'npm run eval -- speech data');
    expect(path).toBe(join(folder, 'speech-against-faster-whisper'));
    const [markdown, json, svg] = await Promise.all(['md', 'json', 'svg'].map((type) => readFile(`${path}.${type}`, 'utf8')));
    expect(markdown).toContain('npm run eval -- speech data');
    expect(markdown).toContain('| WER | 50.0 % (50.0 % to 50.0 %) |');
    expect(markdown).toContain('| faster-whisper batched | 50.0 % |');
    expect(markdown).toContain('-1.00 points beside the better of the others (95 %: -2.00 to +0.50)');
    expect(markdown).toContain('![Error rates and speed](speech-against-faster-whisper.svg)');
    expect(JSON.parse(json ?? '')).toMatchObject({ wer: 0.5, against: { speedRatio: 2 } });
    expect(json).not.toContain('parity');
    expect(svg).toContain('a &amp; b');
    expect(svg).toContain('20.0 x');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('bars are as long as their values, on a scale that holds every whisker', () => {
  const svg = plotBars([
    {
      title: 'T',
      unit: '',
      bars: [
        { label: 'a', value: 1 },
        { label: 'b', value: 2, interval: [1, 4] },
      ],
    },
    { title: 'empty', unit: '', bars: [] },
  ]);
  const widths = [...svg.matchAll(/width="([\d.]+)" height="14"/g)].map(([, width]) => Number(width));
  expect(widths).toEqual([102.5, 205]);
  expect(svg).toContain('M332.5 67H640.0');
  expect(svg).not.toContain('empty');
});
