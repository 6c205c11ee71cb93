export interface TarFile {
  path: string;
  content: Buffer;
  mode: number;
  uid?: number;
  gid?: number;
  owner?: string;
  group?: string;
}

const BLOCK = 512;

/** A tar archive in the POSIX ustar format: enough for files to be put into a container. */
export function tarOf(files: readonly TarFile[]): Buffer {
  const blocks = files.flatMap((file) => [headerOf(file), file.content, padding(file.content.length)]);
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

function headerOf(file: TarFile): Buffer {
  const header = Buffer.alloc(BLOCK);
  const { prefix, name } = splitPath(file.path.replace(/^\/+/, ""));
  header.write(name, 0, 100);
  header.write(octal(file.mode, 8), 100);
  header.write(octal(file.uid ?? 0, 8), 108);
  header.write(octal(file.gid ?? 0, 8), 116);
  header.write(octal(file.content.length, 12), 124);
  header.write(octal(Math.floor(Date.now() / 1000), 12), 136);
  header.write(" ".repeat(8), 148);
  header.write("0", 156);
  header.write("ustar\0", 257);
  header.write("00", 263);
  header.write(file.owner ?? "", 265, 32);
  header.write(file.group ?? "", 297, 32);
  header.write(prefix, 345, 155);
  const checksum = header.reduce((sum, byte) => sum + byte, 0);
  header.write(`${checksum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, "0")}\0`;
}

/** A path above 100 bytes goes on in the prefix field, parted at a slash. */
function splitPath(path: string): { prefix: string; name: string } {
  if (Buffer.byteLength(path) <= 100) return { prefix: "", name: path };
  for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1)) {
    const prefix = path.slice(0, slash);
    const name = path.slice(slash + 1);
    if (Buffer.byteLength(name) <= 100 && Buffer.byteLength(prefix) <= 155) return { prefix, name };
  }
  throw new Error(`the path ${path} is too long for a tar archive`);
}

function padding(length: number): Buffer {
  return Buffer.alloc((BLOCK - (length % BLOCK)) % BLOCK);
}
