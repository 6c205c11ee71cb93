import { readFile } from "node:fs/promises";
import type { Props } from "../../bridge/schema.ts";
import { flag, text } from "../props.ts";
import { type TarFile, tarOf } from "../tar.ts";

/** One of a container's uploads as the archive that the engine unpacks at its root. */
export async function uploadArchive(upload: Props): Promise<Buffer> {
  const content = await contentOf(upload);
  return tarOf([{ path: text(upload.file), content, mode: modeOf(upload), ...ownerOf(upload) }]);
}

async function contentOf(upload: Props): Promise<Buffer> {
  const content = text(upload.content);
  const base64 = text(upload.contentBase64);
  const source = text(upload.source);
  const given = [content, base64, source].filter((value) => value !== "").length;
  const choices = "'content', 'content_base64', or 'source'";
  if (given === 0) throw new Error(`error with upload content: one of ${choices} must be set`);
  if (given > 1) throw new Error(`error with upload content: only one of ${choices} can be set`);

  if (content !== "") return Buffer.from(content);
  if (base64 !== "") return Buffer.from(base64, "base64");
  return readSource(source);
}

async function readSource(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const reason =
      cause instanceof Error && "code" in cause && cause.code === "ENOENT"
        ? "no such file or directory"
        : String(cause);
    throw new Error(`could not read file: open ${path}: ${reason}`, { cause });
  }
}

/** Permissions go before executable. */
function modeOf(upload: Props): number {
  const permissions = text(upload.permissions);
  if (permissions !== "") return Number.parseInt(permissions, 8);
  return flag(upload.executable) ? 0o744 : 0o644;
}

function ownerOf(upload: Props): Pick<TarFile, "uid" | "gid" | "owner" | "group"> {
  const id = (value: string) => (/^\d+$/.test(value) ? Number(value) : 0);
  const owner = text(upload.owner);
  const group = text(upload.group);
  return { uid: id(owner), gid: id(group), owner, group };
}
