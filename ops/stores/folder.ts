// Sets in a folder of this machine: a folder each, named by its id once it is finished, ID.partial before.
import { createReadStream } from "node:fs";
import { readdir, readFile, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { isSetId, manifestName, type OwnStore, parseManifest, SetFault } from "../backup/set.ts";
import { hasCode } from "../files.ts";

export const draftOf = (id: string): string => `${id}.partial`;

/** @param folder need not exist */
export function folderStore(folder: string): OwnStore {
  const where = (id: string) => `set ${id} in ${folder}`;
  return {
    name: folder,

    list: async () => {
      const names = (await namesIn(folder)).filter(isSetId).sort();
      const whole = await Promise.all(names.map((id) => exists(path.join(folder, id, manifestName))));
      return names.filter((_, index) => whole[index]);
    },

    manifest: async (id) => {
      const text = await readFile(path.join(folder, id, manifestName), "utf8").catch(
        absent(`${where(id)} was never finished, or is not there: it has no ${manifestName}`),
      );
      return parseManifest(text, id, where(id));
    },

    read: async (id, name) => {
      const file = path.join(folder, id, path.basename(name));
      await stat(file).catch(absent(`${where(id)} has no file ${name}`));
      return createReadStream(file);
    },

    remove: async (id) => {
      // What is cut off here is seen to be unfinished.
      await rename(path.join(folder, id), path.join(folder, draftOf(id)));
      await rm(path.join(folder, draftOf(id)), { recursive: true });
    },

    removeUnfinished: async (before) => {
      const drafts = (await namesIn(folder)).filter((name) => name.endsWith(draftOf("")));
      const times = await Promise.all(
        drafts.map(async (name) => (await stat(path.join(folder, name))).mtime),
      );
      const old = drafts.filter((_, index) => (times[index] ?? before) < before);
      for (const name of old) await rm(path.join(folder, name), { recursive: true });
      return old;
    },
  };
}

const namesIn = (folder: string): Promise<string[]> =>
  readdir(folder).catch((error) => {
    if (isAbsence(error)) return [];
    throw error;
  });

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    (error) => {
      if (isAbsence(error)) return false;
      throw error;
    },
  );

/** For `catch`. */
const absent = (why: string) => (error: unknown) => {
  throw isAbsence(error) ? new SetFault(why, { cause: error }) : error;
};

const isAbsence = (error: unknown): boolean => hasCode(error, "ENOENT");
