/** A language model server to be killed: `node serving-process.ts LIBRARY_FOLDER MODEL.gguf PORT`. Prints its address once it listens. */
import { startLanguageModelServer } from '../support/language-model-server.ts';
import { openSmallLanguageModel } from '../support/small-language-model.ts';

const [libraryFolder = '', modelPath = '', port = '0'] = process.argv.slice(2);
const model = await openSmallLanguageModel({ libraryFolder, modelPath });
const { url } = await startLanguageModelServer(model, Number(port));
console.log(url);
