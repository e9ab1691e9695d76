import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import type { Payload } from '@temporalio/common';

/** What an activity last said of itself, kept by Temporal over its attempts. */
export interface Heartbeat {
  /** Type of the activity. */
  activity: string;
  details: unknown;
}

/** The heartbeats of the activities that run or wait for their next attempt. Those that cannot be read are left out. */
export async function readHeartbeats(client: Client, { raw }: WorkflowExecutionDescription): Promise<Heartbeat[]> {
  const { payloadCodecs, payloadConverter } = client.options.loadedDataConverter;
  const read = async (activity: string, payload: Payload): Promise<Heartbeat[]> => {
    try {
      let decoded = [payload];
      for (const codec of payloadCodecs.toReversed()) decoded = await codec.decode(decoded);
      return [{ activity, details: payloadConverter.fromPayload(decoded[0]!) }];
    } catch {
      return [];
    }
  };
  const told = (raw.pendingActivities ?? []).flatMap(({ activityType, heartbeatDetails }) => {
    const payload = heartbeatDetails?.payloads?.[0];
    return payload ? [read(activityType?.name ?? '', payload)] : [];
  });
  return (await Promise.all(told)).flat();
}
