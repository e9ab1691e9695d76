import { ingestWorkflowId } from './identity.ts';
import type { IngestInput } from './ingest.ts';
import type { Lecture } from './lecture.ts';
import { PRIORITY_KEYS, TASK_QUEUES, type SearchAttributeName } from './stages.ts';

interface KeywordPair {
  key: { name: SearchAttributeName; type: 'KEYWORD' };
  value: string;
}

/** How an ingest is started, for `client.workflow.start(INGEST_WORKFLOW, options)`: the one place that says so. */
export interface IngestStartOptions {
  workflowId: string;
  taskQueue: string;
  args: [IngestInput];
  workflowIdReusePolicy: 'ALLOW_DUPLICATE';
  workflowIdConflictPolicy: 'USE_EXISTING';
  memo: Record<string, unknown>;
  typedSearchAttributes: KeywordPair[];
  priority: { priorityKey: number; fairnessKey: string };
  staticSummary: string;
  staticDetails: string;
}

/**
 * A second upload of a recording joins the run that is under way (`USE_EXISTING`), or makes a new run that finds every artifact
 * there (`ALLOW_DUPLICATE`). Priority counts first, for all tenants alike; within a priority tenants share the queues fairly, a turn each.
 * Activities inherit both.
 */
export function toIngestStartOptions(
  input: IngestInput,
  metadata: Lecture['metadata'],
  lectureCreatedAt?: Lecture['createdAt'],
): IngestStartOptions {
  const { tenantId, lectureId, media, options, vocabulary } = input;
  const place = [metadata.course, metadata.semester].filter((part) => part !== undefined).join(', ');
  const attributes: [SearchAttributeName, string | undefined][] = [
    ['LecternTenant', tenantId],
    ['LecternLecture', lectureId],
    ['LecternCourse', metadata.course],
    ['LecternSemester', metadata.semester],
    ['LecternPriority', options.priority],
    ['LecternStage', 'prepare'],
  ];
  return {
    workflowId: ingestWorkflowId(tenantId, lectureId),
    taskQueue: TASK_QUEUES.cpu,
    args: [input],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
    memo: {
      lectureId,
      mediaSha256: media.sha256,
      mediaBytes: media.bytes,
      ...(lectureCreatedAt === undefined ? {} : { lectureCreatedAt }),
    },
    typedSearchAttributes: attributes.flatMap(([name, value]) =>
      value === undefined ? [] : [{ key: { name, type: 'KEYWORD' as const }, value }],
    ),
    priority: { priorityKey: PRIORITY_KEYS[options.priority], fairnessKey: tenantId },
    staticSummary: place === '' ? `Ingest of ${lectureId}` : `Ingest of ${lectureId} (${place})`,
    staticDetails: [
      `- recording: \`${media.key}\`, ${media.bytes} bytes`,
      `- language: ${options.language ?? 'found by listening'}`,
      `- speakers: ${options.speakers === undefined ? 'found by listening' : JSON.stringify(options.speakers)}`,
      ...(vocabulary === undefined ? [] : [`- vocabulary: \`${vocabulary.key}\``]),
    ].join('\n'),
  };
}
