import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import type { SessionView } from '../../../contracts/session.ts';
import { meQuery } from '../client/queries.ts';
import { sendJson } from '../client/request.ts';
import { ProblemNotice } from '../components/problem-notice.tsx';

/** `expectedTenantId`: whose views are open; with a key of another tenant the page begins anew. */
export function SignIn({ expectedTenantId }: { expectedTenantId?: string }): ReactNode {
  const queryClient = useQueryClient();
  const [apiKey, setApiKey] = useState('');
  const signIn = useMutation({
    mutationFn: () => sendJson<SessionView>('POST', '/session', { apiKey }),
    onSuccess: (me) => {
      setApiKey('');
      if (expectedTenantId !== undefined && me?.tenantId !== expectedTenantId) window.location.assign('/');
      queryClient.setQueryData(meQuery.queryKey, me);
      void queryClient.invalidateQueries();
    },
  });
  return (
    <form
      className="card sign-in"
      onSubmit={(event) => {
        event.preventDefault();
        signIn.mutate();
      }}
    >
      <h1>Sign in</h1>
      <p>
        With the API key that you were given. On your own machine, <code>npm start</code> prints one.
      </p>
      <label htmlFor="api-key">API key</label>
      <input
        id="api-key"
        type="password"
        autoComplete="current-password"
        required
        value={apiKey}
        onChange={(event) => setApiKey(event.target.value)}
      />
      <button type="submit" disabled={signIn.isPending}>
        Sign in
      </button>
      {signIn.isError && <ProblemNotice error={signIn.error} />}
      <p className="quiet">The key is exchanged for a session and not kept in the browser.</p>
    </form>
  );
}
