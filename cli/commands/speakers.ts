import type { Command } from 'commander';
import { IngestFieldsSchema } from '../../contracts/api.ts';
import type { SpeakerList, SpeakerView } from '../../contracts/speakers.ts';
import type { RunAction } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { formatTable, formatTime } from '../output.ts';

interface SpeakerFlags {
  name?: string[];
  unname?: string[];
  merge?: string[];
  count?: string;
}

/** Who speaks in a lecture, whom unnamed voices sound like, and the way to confirm it. */
export function addSpeakersCommand(program: Command, run: RunAction): void {
  program
    .command('speakers')
    .description(
      'show who speaks in a lecture: names, roles, and whom unnamed voices sound like; or give names, merge them, tell them apart anew',
    )
    .argument('<lecture-id>')
    .option('--name <label=name...>', 'call a speaker by this name, as S1="Ines Noether"')
    .option('--unname <label...>', 'take a speaker’s name away')
    .option('--merge <label=label...>', 'S2=S1: what S2 says is said by S1')
    .option('--count <people>', 'tell them apart anew, as 3 or 2-4 people, or auto; edits are kept where they still fit')
    .action((lectureId: string, flags: SpeakerFlags, command: Command) => {
      const names = (flags.name ?? []).map((pair) => {
        const [label, name] = [pair.slice(0, Math.max(0, pair.indexOf('='))), pair.slice(pair.indexOf('=') + 1).trim()];
        if (label === '' || name === '') command.error(`error: --name ${pair}: say it as S1="Ines Noether"`);
        return { label, name };
      });
      const merges = (flags.merge ?? []).map((pair) => {
        const [, from, into] = /^(S\d+)=(S\d+)$/.exec(pair) ?? [];
        if (from === undefined || into === undefined) return command.error(`error: --merge ${pair}: say it as S2=S1`);
        return { kind: 'mergeSpeakers', from, into };
      });
      const count =
        flags.count === undefined || flags.count === 'auto' ? null : IngestFieldsSchema.shape.speakers.safeParse(flags.count).data;
      if (count === undefined) command.error(`error: --count ${flags.count}: a number of people, as 3 or 2-4, or auto`);
      return run(command, async ({ connect, output }) => {
        const api = await connect();
        if (flags.count !== undefined) {
          const accepted = await api.diarizeAgain(lectureId, count ?? null);
          output.document(accepted);
          output.line(`${accepted.jobId}: \`lectern jobs ${accepted.jobId}\` tells how far it is`);
          return EXIT.ok;
        }
        if (merges.length > 0) {
          const { head } = await api.listRevisions(lectureId);
          await api.editTranscript(lectureId, { baseRevision: head, operations: merges });
        }
        for (const { label, name } of names) await api.renameSpeaker(lectureId, label, name);
        for (const label of flags.unname ?? []) await api.renameSpeaker(lectureId, label, null);
        const found: SpeakerList = await api.listSpeakers(lectureId);
        output.document(found);
        const rows = found.speakers.map(toRow);
        const titles = ['SPEAKER', 'NAME', 'ROLE', 'SPEAKS', 'WORDS', 'SOUNDS LIKE'];
        output.line(rows.length === 0 ? 'no speakers are known' : formatTable(titles, rows));
        return EXIT.ok;
      });
    });
}

function toRow({ speaker, name, role, seconds, words, suggestion }: SpeakerView): string[] {
  const margin = suggestion?.margin == null ? '' : `, ${suggestion.margin.toFixed(2)} ahead`;
  const like = suggestion === undefined ? '' : `${suggestion.suggestedName} (${suggestion.score.toFixed(2)}${margin})`;
  return [speaker, name ?? '', role ?? '', formatTime(seconds), String(words), like];
}
