import type { Command } from 'commander';
import type { LectureView } from '../../contracts/api.ts';
import type { CliContext, RunAction } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { formatTable, formatTime } from '../output.ts';

interface LectureFlags {
  course?: string;
  semester?: string;
  delete?: boolean;
}

export function addLecturesCommand(program: Command, run: RunAction): void {
  program
    .command('lectures')
    .description('list lectures, show one, or delete one')
    .argument('[lecture-id]', 'show this lecture')
    .option('--course <text>', 'only those of this course')
    .option('--semester <text>', 'only those of this semester')
    .option('--delete', 'delete the lecture: recording, transcript and index')
    .action((lectureId: string | undefined, flags: LectureFlags, command: Command) => {
      if (flags.delete === true && lectureId === undefined) command.error('error: --delete needs a lecture id');
      return run(command, (context) => (lectureId === undefined ? list(context, flags) : one(context, lectureId, flags)));
    });
}

async function list({ connect, output }: CliContext, { course, semester }: LectureFlags): Promise<ExitCode> {
  const api = await connect();
  const lectures: LectureView[] = [];
  let cursor: string | null | undefined;
  do {
    const filters = { ...(course === undefined ? {} : { course }), ...(semester === undefined ? {} : { semester }) };
    const page = await api.listLectures({ ...filters, limit: 200, cursor: cursor ?? undefined });
    lectures.push(...page.lectures);
    cursor = page.nextCursor;
  } while (cursor !== null);
  output.document({ lectures });
  const rows = lectures.map((lecture) => [
    lecture.lectureId,
    lecture.state,
    lecture.durationSeconds === undefined ? '' : formatTime(lecture.durationSeconds),
    lecture.course ?? '',
    lecture.semester ?? '',
    lecture.title ?? '',
  ]);
  output.line(rows.length === 0 ? 'no lectures yet' : formatTable(['LECTURE', 'STATE', 'LENGTH', 'COURSE', 'SEMESTER', 'TITLE'], rows));
  return EXIT.ok;
}

async function one({ connect, output }: CliContext, lectureId: string, flags: LectureFlags): Promise<ExitCode> {
  const api = await connect();
  if (flags.delete === true) {
    await api.deleteLecture(lectureId);
    output.document({ lectureId, deleted: true });
    output.line(`${lectureId}: deleted`);
    return EXIT.ok;
  }
  const lecture = await api.getLecture(lectureId);
  output.document(lecture);
  for (const [name, value] of Object.entries(lecture)) {
    output.line(`${name.padEnd(16)} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`);
  }
  return EXIT.ok;
}
