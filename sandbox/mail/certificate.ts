// The mail server's certificate, of an authority of its own that whoever is to trust it gets as a file.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { isIP } from "node:net";
import path from "node:path";
import { capture } from "../../scripts/lib/process.ts";

export interface Certificate {
  /** PEM files. */
  authorityFile: string;
  key: Buffer;
  certificate: Buffer;
}

const days = "3650";
const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc"];

/**
 * Kept in the folder, and made anew for other names.
 * @param names host names and addresses by which clients call the server
 * @throws Stop with what openssl says
 */
export function certificateFor(folder: string, names: string[]): Certificate {
  const file = (name: string) => path.join(folder, name);
  const subjects = names.map((name) => `${isIP(name) === 0 ? "DNS" : "IP"}:${name}`).join(",");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const made = existsSync(file("names")) ? readFileSync(file("names"), "utf8") : undefined;
  if (made !== subjects) {
    openssl(
      ["req", "-x509", ...newKey, "-days", days, "-subj", "/CN=Atlas CMMS sandbox mail authority"],
      ["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign"],
      ["-keyout", file("authority.key"), "-out", file("authority.crt")],
    );
    openssl(
      ["req", "-x509", ...newKey, "-days", days, "-subj", "/CN=Atlas CMMS sandbox mail"],
      ["-CA", file("authority.crt"), "-CAkey", file("authority.key")],
      ["-addext", `subjectAltName=${subjects}`, "-addext", "basicConstraints=critical,CA:FALSE"],
      ["-addext", "extendedKeyUsage=serverAuth"],
      ["-keyout", file("server.key"), "-out", file("server.crt")],
    );
    // Last, so that a folder that was left half done is begun anew.
    writeFileSync(file("names"), subjects);
  }
  return {
    authorityFile: file("authority.crt"),
    key: readFileSync(file("server.key")),
    certificate: readFileSync(file("server.crt")),
  };
}

const openssl = (...args: string[][]) => capture("openssl", args.flat());
