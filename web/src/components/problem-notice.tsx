import type { ReactNode } from 'react';
import { ApiProblem } from '../client/request.ts';

interface ProblemNoticeProps {
  error: unknown;
  onRetry?: () => void;
}

/** What went wrong and what to do about it, in the words of the API. */
export function ProblemNotice({ error, onRetry }: ProblemNoticeProps): ReactNode {
  const { title, detail, cure, instance } = describe(error);
  return (
    <div className="notice notice-problem" role="alert">
      <p>
        <strong>{title}.</strong> {detail}
      </p>
      {cure !== undefined && <p>{cure}</p>}
      {instance !== '' && <p className="quiet">Reference for your operator: {instance}</p>}
      {onRetry !== undefined && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}

function describe(error: unknown): { title: string; detail: string; cure?: string | undefined; instance: string } {
  if (error instanceof ApiProblem) return error.problem;
  if (error instanceof TypeError) {
    const cure = 'Look at your connection, and try again. What you have written here is kept.';
    return { title: 'Lectern cannot be reached', detail: error.message, cure, instance: '' };
  }
  return { title: 'The page failed', detail: error instanceof Error ? error.message : String(error), cure: 'Load it again.', instance: '' };
}
