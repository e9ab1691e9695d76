/** A process that fetches a model: `node fetching-process.ts CACHE HUB CATALOGUE.json MODEL`. */
import { readFile } from 'node:fs/promises';
import { ModelCatalogueSchema } from '../../inference/models/catalogue.ts';
import { openModelStore } from '../../inference/models/store.ts';

const [cacheDir = '', hub = '', cataloguePath = '', model = ''] = process.argv.slice(2);
const catalogue = ModelCatalogueSchema.parse(JSON.parse(await readFile(cataloguePath, 'utf8')));
const store = await openModelStore({ cacheDir, hub, offline: false, catalogue });
await store.ensure(model, ({ doneBytes }) => process.stdout.write(`${doneBytes}\n`));
