import type { IngestAccepted } from '../../../contracts/api.ts';
import { PAGE_HEADER } from '../../../contracts/session.ts';
import { readProblem } from './request.ts';

export interface UploadDetails {
  title: string;
  course: string;
  semester: string;
}

/** Uploads a recording. `onProgress` hears the share that was sent, 0 to 1: `fetch` cannot tell. Errors: `ApiProblem`, `TypeError`. */
export function upload(file: File, details: UploadDetails, onProgress: (share: number) => void): Promise<IngestAccepted> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', '/api/v1/ingest');
    request.setRequestHeader(PAGE_HEADER, '1');
    request.upload.addEventListener('progress', ({ loaded, total }) => onProgress(total === 0 ? 0 : loaded / total));
    request.addEventListener('load', () => {
      if (request.status === 202) resolve(JSON.parse(request.responseText) as IngestAccepted);
      else reject(readProblem(request.status, request.responseText));
    });
    request.addEventListener('error', () => reject(new TypeError('the connection broke while uploading')));
    request.send(toForm(file, details));
  });
}

/** The fields first: the server wants to know them before the bytes. */
function toForm(file: File, details: UploadDetails): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(details)) if (value.trim() !== '') form.set(name, value.trim());
  form.set('file', file);
  return form;
}
