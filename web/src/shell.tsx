import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet } from '@tanstack/react-router';
import { useEffect, useRef, type ReactNode } from 'react';
import { meQuery } from './client/queries.ts';
import { ApiProblem, sendJson } from './client/request.ts';
import { Loading } from './components/loading.tsx';
import { ProblemNotice } from './components/problem-notice.tsx';
import { SignIn } from './views/sign-in.tsx';

/** What stands around every view: who is signed in and the way between views; without a session, the sign-in. */
export function Shell(): ReactNode {
  const me = useQuery(meQuery);
  const isSignedOut = me.error instanceof ApiProblem && me.error.problem.kind === 'unauthorized';
  return (
    <>
      <a className="skip-link" href="#view">
        Skip to the content
      </a>
      <header className="top">
        <Link to="/" className="brand">
          Lectern
        </Link>
        {me.data !== undefined && <Navigation scopes={me.data.scopes} name={me.data.name} role={me.data.role} />}
      </header>
      <main id="view" tabIndex={-1}>
        {me.data === undefined ? <BeforeSignIn isSignedOut={isSignedOut} error={me.error} retry={() => void me.refetch()} /> : <Outlet />}
      </main>
      {me.data !== undefined && isSignedOut && <SessionEnded tenantId={me.data.tenantId} />}
    </>
  );
}

function BeforeSignIn({ isSignedOut, error, retry }: { isSignedOut: boolean; error: Error | null; retry: () => void }): ReactNode {
  if (isSignedOut) return <SignIn />;
  return error === null ? <Loading what="your session" /> : <ProblemNotice error={error} onRetry={retry} />;
}

/** Over the view, which stays as it is: what was being written there is not lost when a session ends. */
function SessionEnded({ tenantId }: { tenantId: string }): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-label="Your session has ended" onCancel={(event) => event.preventDefault()}>
      <p>Your session has ended. Sign in again to go on where you are.</p>
      <SignIn expectedTenantId={tenantId} />
    </dialog>
  );
}

function Navigation({ scopes, name, role }: { scopes: readonly string[]; name: string; role: string }): ReactNode {
  const queryClient = useQueryClient();
  const signOut = useMutation({
    mutationFn: () => sendJson('DELETE', '/session'),
    // Nothing of one reader may be left for the next.
    onSuccess: () => {
      queryClient.clear();
      window.location.assign('/');
    },
  });
  return (
    <>
      <nav aria-label="Main">
        <Link to="/">Library</Link>
        <Link to="/ask">Ask</Link>
        {scopes.includes('jobs') && <Link to="/jobs">Jobs</Link>}
      </nav>
      <p className="who">
        <span className="quiet">
          {name}, {role}
        </span>{' '}
        <button type="button" className="plain" onClick={() => signOut.mutate()} disabled={signOut.isPending}>
          Sign out
        </button>
      </p>
    </>
  );
}
