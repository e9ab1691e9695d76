import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { LectureView } from '../../../contracts/api.ts';
import { lectureQuery, meQuery, transcriptQuery } from '../client/queries.ts';
import { formatDate } from '../components/format.ts';
import { Loading } from '../components/loading.tsx';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { StateBadge } from '../components/state-badge.tsx';
import { History } from '../editing/history.tsx';
import { lectureRoute } from '../router.tsx';
import { Downloads } from './downloads.tsx';
import { Listen } from './listen.tsx';

export function LecturePage(): ReactNode {
  const { lectureId } = lectureRoute.useParams();
  const lecture = useQuery(lectureQuery(lectureId));
  if (lecture.isPending) return <Loading what="the lecture" />;
  if (lecture.data === undefined) return <ProblemNotice error={lecture.error} onRetry={() => void lecture.refetch()} />;
  return (
    <article>
      <Heading lecture={lecture.data} />
      {lecture.isError && <ProblemNotice error={lecture.error} />}
      {lecture.data.state === 'ready' ? <Ready lecture={lecture.data} /> : <NotReady lecture={lecture.data} />}
    </article>
  );
}

function Heading({ lecture }: { lecture: LectureView }): ReactNode {
  return (
    <>
      <h1 dir="auto">{lecture.title ?? 'Untitled lecture'}</h1>
      <p className="quiet">
        <StateBadge state={lecture.state} /> {[lecture.course, lecture.semester].filter((part) => part !== undefined).join(', ')}{' '}
        <time dateTime={lecture.recordedAt ?? lecture.createdAt}>{formatDate(lecture.recordedAt ?? lecture.createdAt)}</time>
      </p>
    </>
  );
}

function Ready({ lecture }: { lecture: LectureView }): ReactNode {
  const transcript = useQuery(transcriptQuery(lecture.lectureId, lecture.updatedAt));
  const { t = 0 } = lectureRoute.useSearch();
  const mayEdit = useQuery(meQuery).data?.scopes.includes('write') ?? false;
  if (transcript.isPending) return <Loading what="the transcript" />;
  if (transcript.data === undefined) return <ProblemNotice error={transcript.error} onRetry={() => void transcript.refetch()} />;
  return (
    <>
      <Listen key={lecture.lectureId} lecture={lecture} transcript={transcript.data} startSeconds={t} mayEdit={mayEdit} />
      {mayEdit && <History lectureId={lecture.lectureId} />}
      <Downloads lectureId={lecture.lectureId} />
    </>
  );
}

function NotReady({ lecture: { state, failure } }: { lecture: LectureView }): ReactNode {
  if (state === 'processing') {
    return (
      <output>
        Lectern is listening to it. This page shows the transcript as soon as it is there; <Link to="/jobs">the job</Link> tells how far it
        is.
      </output>
    );
  }
  return (
    <div className="notice notice-problem">
      <p>
        {failure === undefined ? `The ingest was ${state}.` : `${failure.stage} failed: ${failure.message}`}{' '}
        <Link to="/jobs">To the jobs, to try again</Link>
      </p>
    </div>
  );
}
