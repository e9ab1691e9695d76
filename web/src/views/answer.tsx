import { Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import type { Citation, Hit, QueryResponse } from '../../../contracts/query.ts';
import type { AnswerSoFar } from '../client/ask.ts';
import { formatTime } from '../components/format.ts';

/** An answer with its citations; one that is not in the lectures shows what is nearest. */
export function AnswerView({ answer: { text, citations, response } }: { answer: AnswerSoFar }): ReactNode {
  const titles = new Map(response?.hits.map(({ lectureId, title }) => [lectureId, title]));
  const isRefused = response?.answer?.kind === 'none';
  return (
    <>
      {isRefused && <p className="notice">This is not in the lectures.</p>}
      <p className="answer" dir="auto">
        {text}
      </p>
      {response?.answer?.notice !== undefined && <p className="quiet">{response.answer.notice}</p>}
      {citations.length > 0 && (
        <ol className="citations" aria-label="Citations">
          {citations.map((citation) => (
            <li key={`${citation.chunkId} ${citation.startSeconds}`}>
              <CitationView citation={citation} title={titles.get(citation.lectureId)} />
            </li>
          ))}
        </ol>
      )}
      {response !== undefined && <Passages hits={response.hits} isOpen={isRefused} />}
      {response !== undefined && <Steps response={response} />}
    </>
  );
}

function CitationView({ citation, title }: { citation: Citation; title: string | undefined }): ReactNode {
  const { lectureId, speakerName, speaker, startSeconds, endSeconds, quote } = citation;
  const [isPlaying, setIsPlaying] = useState(false);
  return (
    <>
      <blockquote dir="auto">{quote}</blockquote>
      <p>
        {speakerName ?? speaker ?? 'unknown speaker'},{' '}
        <Link to="/lectures/$lectureId" params={{ lectureId }} search={{ t: Math.floor(startSeconds) }}>
          {title ?? 'untitled lecture'} at {formatTime(startSeconds)}
        </Link>{' '}
        <button type="button" onClick={() => setIsPlaying(!isPlaying)} aria-expanded={isPlaying}>
          {isPlaying ? 'Close' : 'Play here'}
        </button>
      </p>
      {isPlaying && (
        // The words that are heard are the quote above.
        // eslint-disable-next-line jsx-a11y/media-has-caption
        <audio controls autoPlay src={`/api/v1/lectures/${lectureId}/media#t=${startSeconds},${endSeconds}`} />
      )}
    </>
  );
}

function Passages({ hits, isOpen }: { hits: readonly Hit[]; isOpen: boolean }): ReactNode {
  if (hits.length === 0) return null;
  return (
    <details open={isOpen}>
      <summary>{isOpen ? 'The nearest passages' : 'Passages that were found'}</summary>
      <ul className="passages">
        {hits.map(({ chunkId, lectureId, title, startSeconds, speakerName, speaker, text }) => (
          <li key={chunkId}>
            <p dir="auto">{text}</p>
            <p className="quiet">
              {speakerName ?? speaker ?? 'unknown speaker'},{' '}
              <Link to="/lectures/$lectureId" params={{ lectureId }} search={{ t: Math.floor(startSeconds) }}>
                {title ?? 'untitled lecture'} at {formatTime(startSeconds)}
              </Link>
            </p>
          </li>
        ))}
      </ul>
    </details>
  );
}

function Steps({ response: { timingsMs, skipped, rewritten } }: { response: QueryResponse }): ReactNode {
  return (
    <details>
      <summary>Steps and times</summary>
      {rewritten !== undefined && <p>Looked for: {rewritten}</p>}
      <table>
        <tbody>
          {Object.entries(timingsMs).map(([step, milliseconds]) => (
            <tr key={step}>
              <th scope="row">{step}</th>
              <td>{milliseconds.toFixed(1)} ms</td>
            </tr>
          ))}
        </tbody>
      </table>
      {skipped.length > 0 && <p>Left out to keep to the time: {skipped.join(', ')}</p>}
    </details>
  );
}
