/**
 * Opens something heavy at its first use and shares it from then on. A failure is not kept: the next use tries again, since a missing
 * model may have been pulled meanwhile.
 */
export function openOnce<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined;
  return () => {
    if (opened === undefined) {
      const opening = open();
      opened = opening;
      opening.catch(() => {
        if (opened === opening) opened = undefined;
      });
    }
    return opened;
  };
}
