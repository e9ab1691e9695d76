import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import type { LectureView } from '../../../contracts/api.ts';
import { lecturesQuery, meQuery } from '../client/queries.ts';
import { formatDate, formatTime } from '../components/format.ts';
import { Loading } from '../components/loading.tsx';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { StateBadge } from '../components/state-badge.tsx';
import { libraryRoute } from '../router.tsx';
import { Uploads } from './uploads.tsx';

/** The lectures of the tenant, by course and semester, and the place to add some. */
export function Library(): ReactNode {
  const filters = libraryRoute.useSearch();
  const me = useQuery(meQuery);
  const lectures = useInfiniteQuery(lecturesQuery(filters));
  const found = lectures.data?.pages.flatMap((page) => page.lectures) ?? [];
  return (
    <>
      <h1>Library</h1>
      {me.data?.scopes.includes('write') === true && <Uploads />}
      <Filters key={JSON.stringify(filters)} {...filters} />
      {lectures.isPending && <Loading what="the lectures" />}
      {lectures.isError && <ProblemNotice error={lectures.error} onRetry={() => void lectures.refetch()} />}
      {lectures.isSuccess && found.length === 0 && <NothingYet isFiltered={Boolean(filters.course ?? filters.semester)} />}
      <ul className="lectures">
        {found.map((lecture) => (
          <LectureCard key={lecture.lectureId} lecture={lecture} />
        ))}
      </ul>
      {lectures.hasNextPage && (
        <button type="button" onClick={() => void lectures.fetchNextPage()} disabled={lectures.isFetchingNextPage}>
          Show more
        </button>
      )}
    </>
  );
}

function Filters({ course = '', semester = '' }: { course?: string | undefined; semester?: string | undefined }): ReactNode {
  const navigate = useNavigate();
  const [wanted, setWanted] = useState({ course, semester });
  return (
    <form
      className="filters"
      onSubmit={(event) => {
        event.preventDefault();
        const search = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value.trim() !== ''));
        void navigate({ to: '/', search });
      }}
    >
      <label>
        Course
        <input value={wanted.course} onChange={(event) => setWanted({ ...wanted, course: event.target.value })} />
      </label>
      <label>
        Semester
        <input value={wanted.semester} onChange={(event) => setWanted({ ...wanted, semester: event.target.value })} />
      </label>
      <button type="submit">Filter</button>
    </form>
  );
}

function NothingYet({ isFiltered }: { isFiltered: boolean }): ReactNode {
  if (isFiltered) {
    return (
      <p className="empty">
        No lecture is of this course and semester. <Link to="/">Show all</Link>
      </p>
    );
  }
  return (
    <p className="empty">
      There is no lecture yet. Drop a recording above, any audio or video: Lectern writes down who said what, and you can search and ask
      minutes later.
    </p>
  );
}

function LectureCard({ lecture }: { lecture: LectureView }): ReactNode {
  const place = [lecture.course, lecture.semester].filter((part) => part !== undefined).join(', ');
  return (
    <li className="card">
      <h2>
        <Link to="/lectures/$lectureId" params={{ lectureId: lecture.lectureId }}>
          {lecture.title ?? 'Untitled lecture'}
        </Link>
      </h2>
      <p>
        <StateBadge state={lecture.state} /> {place}
        {lecture.durationSeconds !== undefined && <span className="quiet"> {formatTime(lecture.durationSeconds)}</span>}{' '}
        <time className="quiet" dateTime={lecture.createdAt}>
          {formatDate(lecture.createdAt)}
        </time>
      </p>
      {lecture.failure !== undefined && (
        <p className="notice notice-problem">
          {lecture.failure.stage}: {lecture.failure.message}
        </p>
      )}
      {lecture.degraded.length > 0 && (
        <details>
          <summary>What is missing</summary>
          <ul>
            {lecture.degraded.map(({ stage, reason }) => (
              <li key={`${stage} ${reason}`}>
                {stage}: {reason}
              </li>
            ))}
          </ul>
        </details>
      )}
    </li>
  );
}
