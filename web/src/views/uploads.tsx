import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useRef, useState, type ReactNode } from 'react';
import type { IngestAccepted } from '../../../contracts/api.ts';
import { noticeSessionOver } from '../client/session-over.ts';
import { upload, type UploadDetails } from '../client/upload.ts';
import { formatPercent } from '../components/format.ts';
import { ProblemNotice } from '../components/problem-notice.tsx';

interface UploadItem {
  id: number;
  file: File;
  share: number;
  accepted?: IngestAccepted;
  error?: unknown;
}

/** Recordings on their way in: dropped or chosen, one after the other, so that each has the whole line. */
export function Uploads(): ReactNode {
  const queryClient = useQueryClient();
  const [items, setItems] = useState<UploadItem[]>([]);
  const [isOver, setIsOver] = useState(false);
  const [place, setPlace] = useState({ course: '', semester: '' });
  const lastInLine = useRef(Promise.resolve());
  const nextId = useRef(0);
  const change = (id: number, to: Partial<UploadItem>) =>
    setItems((before) => before.map((item) => (item.id === id ? { ...item, ...to } : item)));

  const send = async ({ id, file }: UploadItem, details: UploadDetails) => {
    try {
      const accepted = await upload(file, details, (share) => change(id, { share }));
      change(id, { accepted, share: 1 });
      void queryClient.invalidateQueries({ queryKey: ['lectures'] });
    } catch (error) {
      change(id, { error });
      noticeSessionOver(queryClient, error);
    }
  };
  const add = (files: Iterable<File>) => {
    for (const file of files) {
      const item: UploadItem = { id: (nextId.current += 1), file, share: 0 };
      setItems((before) => [...before, item]);
      const details = { ...place, title: file.name.replace(/\.[^.]+$/, '') };
      lastInLine.current = lastInLine.current.then(() => send(item, details));
    }
  };

  return (
    <section aria-labelledby="uploads-heading" className="card">
      <h2 id="uploads-heading">Add recordings</h2>
      <div className="filters">
        <label>
          Course of the new ones
          <input value={place.course} onChange={(event) => setPlace({ ...place, course: event.target.value })} />
        </label>
        <label>
          Semester of the new ones
          <input value={place.semester} onChange={(event) => setPlace({ ...place, semester: event.target.value })} />
        </label>
      </div>
      {/* Dropping is for the pointer; the field inside is for all. */}
      {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions */}
      <div
        className={isOver ? 'drop drop-over' : 'drop'}
        onDragOver={(event) => {
          event.preventDefault();
          setIsOver(true);
        }}
        onDragLeave={() => setIsOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setIsOver(false);
          add(event.dataTransfer.files);
        }}
      >
        <label htmlFor="recordings">Drop audio or video here, or choose files</label>
        <input
          id="recordings"
          type="file"
          multiple
          accept="audio/*,video/*,.mkv,.opus"
          onChange={(event) => {
            add(event.target.files ?? []);
            event.target.value = '';
          }}
        />
      </div>
      <ul className="uploads" aria-label="Uploads">
        {items.map((item) => (
          <UploadRow key={item.id} item={item} />
        ))}
      </ul>
    </section>
  );
}

function UploadRow({ item: { file, share, accepted, error } }: { item: UploadItem }): ReactNode {
  if (error !== undefined) {
    return (
      <li>
        {file.name} <ProblemNotice error={error} />
      </li>
    );
  }
  if (accepted === undefined) {
    return (
      <li>
        <label>
          {file.name} <progress value={share} max={1} /> {formatPercent(share)}
        </label>
      </li>
    );
  }
  return (
    <li>
      <Link to="/lectures/$lectureId" params={{ lectureId: accepted.lectureId }}>
        {file.name}
      </Link>
      : {accepted.duplicate ? 'these bytes were here already, and nothing is done twice' : 'uploaded, and being worked on'}
    </li>
  );
}
