import { createReadStream } from "node:fs";
import { open, readdir } from "node:fs/promises";
import path from "node:path";
import { endedText, pathError } from "../go-text.ts";
import type { Context } from "../resource.ts";
import type { Connection } from "./connection.ts";
import { dial } from "./dial.ts";
import { type Content, openSftp, type Sftp } from "./sftp.ts";

/** What an SFTP server takes in one request. */
const PIECE = 32 * 1024;

/** Logs in for one piece of work with files, and ends it when the engine does. */
export async function withSftp(
  context: Context,
  connection: Connection,
  work: (sftp: Sftp) => Promise<void>,
): Promise<void> {
  const client = await dial(connection, context);
  const end = () => client.destroy();
  context.signal.addEventListener("abort", end);
  // Requests to a lost connection are never answered.
  const lost = new Promise<never>((_, reject) => {
    const text = () => (context.signal.aborted ? endedText(context.signal) : "connection lost");
    client.once("close", () => reject(new Error(text())));
    if (context.signal.aborted) end();
  });
  try {
    await Promise.race([openSftp(client).then(work), lost]);
  } finally {
    context.signal.removeEventListener("abort", end);
    client.end();
  }
}

export async function copyText(sftp: Sftp, text: string, remotePath: string): Promise<void> {
  const there = await remoteStat(sftp, remotePath);
  if (there?.isDirectory())
    throw new Error(
      `remote path ${remotePath} is a directory; when using a text asset, remotePath must be a file path`,
    );
  await makeFolders(sftp, path.posix.dirname(remotePath));
  await create(
    sftp,
    remotePath,
    [Buffer.from(text)],
    `failed to write text content to remote path ${remotePath}`,
  );
}

/**
 * A file goes to the path, or into the folder that is there. A folder goes into the folder at the path, or with a
 * slash at its end its content does.
 */
export async function copyPath(sftp: Sftp, source: string, remotePath: string): Promise<void> {
  const local = await statLocal(source);
  const there = await remoteStat(sftp, remotePath);
  const inside = path.posix.join(remotePath, path.basename(source));
  if (!local.isDirectory()) {
    const target = there?.isDirectory() ? inside : remotePath;
    await makeFolders(sftp, path.posix.dirname(target));
    return copyFile(sftp, source, target);
  }
  if (there !== undefined && !there.isDirectory())
    throw new Error(`remote path ${remotePath} exists but is not a directory`);
  await makeFolders(sftp, remotePath);
  await copyFolder(sftp, source, source.endsWith("/") ? remotePath : inside);
}

async function copyFolder(sftp: Sftp, source: string, target: string): Promise<void> {
  const there = await remoteStat(sftp, target);
  if (there === undefined) await makeFolder(sftp, target);
  else if (!there.isDirectory()) throw new Error(`remote path ${target} exists but is not a directory`);

  const entries = await readdir(source, { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const from = path.join(source, entry.name);
    const to = path.posix.join(target, entry.name);
    if (entry.isDirectory()) await copyFolder(sftp, from, to);
    else await copyFile(sftp, from, to);
  }
}

export async function copyFile(sftp: Sftp, source: string, target: string): Promise<void> {
  const content = createReadStream(source, { highWaterMark: PIECE });
  await create(sftp, target, content, `failed to copy file ${source} to remote path ${target}`);
}

async function create(sftp: Sftp, target: string, content: Content, failure: string): Promise<void> {
  const file = await sftp.create(target).catch((cause: Error) => {
    throw new Error(`failed to create remote file ${target}: ${cause.message}`, { cause });
  });
  try {
    await file.write(content);
  } catch (cause) {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    const text = "syscall" in error ? pathError(error).message : error.message;
    throw new Error(`${failure}: ${text}`, { cause });
  } finally {
    await file.close();
  }
}

/** @throws as if it were opened, which the original does first of all */
export async function statLocal(source: string) {
  try {
    await using file = await open(source);
    return await file.stat();
  } catch (error) {
    throw error instanceof Error ? pathError(error) : error;
  }
}

async function remoteStat(sftp: Sftp, remotePath: string) {
  return sftp.stat(remotePath).catch((cause: Error) => {
    throw new Error(`failed to stat remote path ${remotePath}: ${cause.message}`, { cause });
  });
}

async function makeFolders(sftp: Sftp, folder: string): Promise<void> {
  const there = folder === "." || folder === "/" || (await remoteStat(sftp, folder));
  if (there === true || there?.isDirectory()) return;
  if (there !== undefined)
    throw new Error(`failed to create remote directory ${folder}: mkdir ${folder}: not a directory`);
  await makeFolders(sftp, path.posix.dirname(folder));
  await makeFolder(sftp, folder);
}

async function makeFolder(sftp: Sftp, folder: string): Promise<void> {
  await sftp.mkdir(folder).catch(async (cause: Error) => {
    // Another copy may have made it in the meantime.
    if ((await remoteStat(sftp, folder))?.isDirectory()) return;
    throw new Error(`failed to create remote directory ${folder}: ${cause.message}`, { cause });
  });
}
