import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import type { RevisionChange, RevisionView } from '../../../contracts/edits.ts';
import { revisionDiffQuery, revisionsQuery } from '../client/queries.ts';
import { formatDate, formatTime } from '../components/format.ts';
import { Loading } from '../components/loading.tsx';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { useRestore } from './use-edit.ts';

/** Who changed the transcript, when and how; any revision can be made the newest again. */
export function History({ lectureId }: { lectureId: string }): ReactNode {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>History of the transcript</summary>
      {isOpen && <Revisions lectureId={lectureId} />}
    </details>
  );
}

function Revisions({ lectureId }: { lectureId: string }): ReactNode {
  const revisions = useQuery(revisionsQuery(lectureId));
  if (revisions.isPending) return <Loading what="the history" />;
  if (revisions.data === undefined) return <ProblemNotice error={revisions.error} onRetry={() => void revisions.refetch()} />;
  const { head, published } = revisions.data;
  return (
    <>
      {published !== head && <output className="quiet">Search is being brought up to date with revision {head}.</output>}
      <ol className="revisions">
        {revisions.data.revisions.map((revision) => (
          <RevisionRow key={revision.number} lectureId={lectureId} revision={revision} isHead={revision.number === head} />
        ))}
      </ol>
    </>
  );
}

const KINDS = { machine: 'heard by Lectern', edit: 'edited', restore: 'restored' } as const;

function RevisionRow({ lectureId, revision, isHead }: { lectureId: string; revision: RevisionView; isHead: boolean }): ReactNode {
  const { number, parent, author, at, summary, kind } = revision;
  const [isShown, setIsShown] = useState(false);
  const restore = useRestore(lectureId);
  return (
    <li className="card">
      <p>
        Revision {number}, {KINDS[kind]}
        {author === null ? '' : ` by ${author.name}`},{' '}
        <time className="quiet" dateTime={at}>
          {formatDate(at)}
        </time>
        : {summary.wordsAdded} words added, {summary.wordsRemoved} taken out, {summary.wordsReassigned} given to another speaker
      </p>
      {parent !== null && (
        <button type="button" aria-expanded={isShown} onClick={() => setIsShown(!isShown)}>
          What changed
        </button>
      )}{' '}
      {!isHead && (
        <button type="button" onClick={() => restore.mutate(number)} disabled={restore.isPending}>
          Restore
        </button>
      )}
      {restore.isError && <ProblemNotice error={restore.error} />}
      {isShown && <Changes lectureId={lectureId} number={number} />}
    </li>
  );
}

function Changes({ lectureId, number }: { lectureId: string; number: number }): ReactNode {
  const diff = useQuery(revisionDiffQuery(lectureId, number));
  if (diff.isPending) return <Loading what="the changes" />;
  if (diff.data === undefined) return <ProblemNotice error={diff.error} />;
  return (
    <ul>
      {diff.data.changes.map((change) => (
        <li key={JSON.stringify(change)}>
          <Change change={change} />
        </li>
      ))}
    </ul>
  );
}

function Change({ change }: { change: RevisionChange }): ReactNode {
  if (change.kind === 'name') {
    return `Speaker ${change.speaker.slice(1)}: ${change.before ?? 'no name'} became ${change.after ?? 'no name'}`;
  }
  const at = formatTime(change.startSeconds);
  if (change.kind === 'speaker')
    return `${at}: ${change.words} words of ${change.before ?? 'nobody'} are of ${change.after ?? 'nobody'} now`;
  return (
    <span dir="auto">
      {at}: <del>{change.removed}</del> <ins>{change.added}</ins>
    </span>
  );
}
