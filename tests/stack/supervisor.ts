/** A supervisor to be killed: starts a stack on free ports in the folder given, prints its addresses as JSON, and stays. */
import { startStack } from '../../cli/embedded/stack.ts';
import { parseConfig } from '../../contracts/config.ts';
import { onFreePorts } from './stack-config.ts';

const stack = await startStack(onFreePorts(parseConfig(process.env), process.argv[2] ?? ''), () => undefined);
console.log(JSON.stringify({ apiUrl: stack.apiUrl, temporalAddress: stack.temporalAddress }));
setInterval(() => undefined, 60_000);
