import path from "node:path";
import type { OwnStore } from "../backup/set.ts";
import type { Deployment } from "../deployment.ts";
import { folderStore } from "./folder.ts";
import { type RemoteStore, remoteStore } from "./remote.ts";

/** Where sets lie on this machine. */
export const setsFolder = ({ folder }: Pick<Deployment, "folder">): string => path.join(folder, "sets");

export const localStore = (deployment: Pick<Deployment, "folder">): OwnStore =>
  folderStore(setsFolder(deployment));

/** Undefined where none is configured. */
export const remoteStoreOf = ({ remote, backupKey }: Deployment): RemoteStore | undefined =>
  remote && remoteStore(remote, backupKey);

/** Everywhere that a deployment's sets lie; the folder of this machine first. */
export function stores(deployment: Deployment): OwnStore[] {
  const remote = remoteStoreOf(deployment);
  return [localStore(deployment), ...(remote ? [remote] : [])];
}
