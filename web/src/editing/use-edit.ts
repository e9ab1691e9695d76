import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { EditAccepted, EditOperation } from '../../../contracts/edits.ts';
import { sendJson } from '../client/request.ts';

/** Saves an edit as a revision; the views that show the lecture follow. */
export function useEdit(lectureId: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ baseRevision, operations }: { baseRevision: number; operations: readonly EditOperation[] }) =>
      sendJson<EditAccepted>('PATCH', `/api/v1/lectures/${lectureId}/transcript`, { baseRevision, operations }),
    // Also after a refusal: somebody else may have been quicker, and what they wrote is to be seen.
    onSettled: () => refresh(queryClient, lectureId),
  });
}

/** Makes an earlier revision the newest. */
export function useRestore(lectureId: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (number: number) => sendJson<EditAccepted>('POST', `/api/v1/lectures/${lectureId}/revisions/${number}/restore`),
    onSuccess: () => refresh(queryClient, lectureId),
  });
}

async function refresh(queryClient: ReturnType<typeof useQueryClient>, lectureId: string): Promise<void> {
  await queryClient.invalidateQueries({ queryKey: ['lecture', lectureId] });
  await queryClient.invalidateQueries({ queryKey: ['transcript', lectureId] });
  await queryClient.invalidateQueries({ queryKey: ['revisions', lectureId] });
}
