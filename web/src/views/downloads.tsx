import type { ReactNode } from 'react';
import { TRANSCRIPT_FORMATS, type TranscriptFormat } from '../../../contracts/api.ts';

const NAMES: Record<TranscriptFormat, string> = {
  json: 'JSON, every word',
  vtt: 'WebVTT captions',
  srt: 'SubRip captions',
  md: 'Markdown to read',
  rttm: 'RTTM speaker turns',
  seglst: 'SegLST, turns with words',
  tsv: 'Table of words',
};

export function Downloads({ lectureId }: { lectureId: string }): ReactNode {
  return (
    <details>
      <summary>Downloads</summary>
      <ul>
        {TRANSCRIPT_FORMATS.map((format) => (
          <li key={format}>
            <a href={`/api/v1/lectures/${lectureId}/transcript?format=${format}`} download={`${lectureId}.${format}`}>
              {NAMES[format]}
            </a>
          </li>
        ))}
        <li>
          <a href={`/api/v1/lectures/${lectureId}/media`} download={lectureId}>
            The recording
          </a>
        </li>
      </ul>
    </details>
  );
}
