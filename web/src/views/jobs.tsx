import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import type { JobSummary } from '../../../contracts/api.ts';
import { jobQuery, jobsQuery } from '../client/queries.ts';
import { sendJson } from '../client/request.ts';
import { formatDate, formatTime } from '../components/format.ts';
import { Loading } from '../components/loading.tsx';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { StateBadge } from '../components/state-badge.tsx';

/** Ingests: what runs, what failed and why, and the way to try again. */
export function Jobs(): ReactNode {
  const jobs = useInfiniteQuery(jobsQuery);
  const found = jobs.data?.pages.flatMap((page) => page.jobs) ?? [];
  return (
    <>
      <h1>Jobs</h1>
      {jobs.isPending && <Loading what="the jobs" />}
      {jobs.isError && <ProblemNotice error={jobs.error} onRetry={() => void jobs.refetch()} />}
      {jobs.isSuccess && found.length === 0 && <p className="empty">Nothing has been ingested yet.</p>}
      <ul className="jobs">
        {found.map((job) => (
          <JobRow key={job.jobId} job={job} />
        ))}
      </ul>
      {jobs.hasNextPage && (
        <button type="button" onClick={() => void jobs.fetchNextPage()}>
          Show more
        </button>
      )}
    </>
  );
}

function JobRow({ job }: { job: JobSummary }): ReactNode {
  const [isOpen, setIsOpen] = useState(job.state === 'running' || job.state === 'failed');
  return (
    <li className="card">
      <p>
        <StateBadge state={job.state} />{' '}
        <Link to="/lectures/$lectureId" params={{ lectureId: job.lectureId }}>
          {job.lectureId}
        </Link>{' '}
        {job.stage !== undefined && <span>{job.stage}</span>}{' '}
        <time className="quiet" dateTime={job.startedAt}>
          {formatDate(job.startedAt)}
        </time>
      </p>
      <details open={isOpen} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
        <summary>Stages</summary>
        {isOpen && <JobDetails jobId={job.jobId} />}
      </details>
    </li>
  );
}

function JobDetails({ jobId }: { jobId: string }): ReactNode {
  const job = useQuery(jobQuery(jobId));
  if (job.isPending) return <Loading what="the stages" />;
  if (job.isError) return <ProblemNotice error={job.error} onRetry={() => void job.refetch()} />;
  const { stages, error, state } = job.data;
  return (
    <>
      {error !== undefined && (
        <p className="notice notice-problem">
          <strong>{error.stage}</strong> failed ({error.kind}): {error.message}
        </p>
      )}
      <ol className="stages">
        {stages.map(({ stage, state: stageState, doneSeconds, totalSeconds }) => (
          <li key={stage}>
            <StateBadge state={stageState} /> {stage}
            {doneSeconds !== undefined && totalSeconds !== undefined && stageState === 'running' && (
              <label>
                <progress value={doneSeconds} max={totalSeconds} /> {formatTime(doneSeconds)} of {formatTime(totalSeconds)}
              </label>
            )}
          </li>
        ))}
      </ol>
      {state === 'running' && <JobAction method="DELETE" path={`/api/v1/jobs/${jobId}`} label="Cancel" />}
      {state !== 'running' && state !== 'completed' && (
        <JobAction method="POST" path={`/api/v1/jobs/${jobId}/retry`} label="Try again from where it failed" />
      )}
    </>
  );
}

function JobAction({ method, path, label }: { method: 'POST' | 'DELETE'; path: string; label: string }): ReactNode {
  const queryClient = useQueryClient();
  const run = useMutation({
    mutationFn: () => sendJson(method, path),
    onSuccess: () => queryClient.invalidateQueries(),
  });
  return (
    <>
      <button type="button" onClick={() => run.mutate()} disabled={run.isPending}>
        {label}
      </button>
      {run.isError && <ProblemNotice error={run.error} />}
    </>
  );
}
