import { parentPort, workerData } from 'node:worker_threads';
import { getDocumentProxy } from 'unpdf';

/** What the thread is given, and what it answers. */
export interface PdfRequest {
  bytes: Uint8Array;
  maxPages: number;
}
export type PdfReply = { text: string; pages: number; readPages: number } | { error: string };

/** Runs in a worker thread: a hostile PDF can only cost its time and memory, which the caller bounds. */
async function readPdf({ bytes, maxPages }: PdfRequest): Promise<PdfReply> {
  try {
    const document = await getDocumentProxy(bytes, { verbosity: 0 });
    const readPages = Math.min(document.numPages, maxPages);
    const texts: string[] = [];
    for (let number = 1; number <= readPages; number++) {
      const { items } = await (await document.getPage(number)).getTextContent();
      texts.push(items.map((item) => ('str' in item ? `${item.str}${item.hasEOL ? '\n' : ''}` : '')).join(''));
    }
    return { text: texts.join('\n'), pages: document.numPages, readPages };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
parentPort?.postMessage(await readPdf(workerData as PdfRequest));
