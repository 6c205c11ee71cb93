import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import path from "node:path";

const programs = path.join(
  process.env.XDG_CACHE_HOME ?? path.join(homedir(), ".cache"),
  "atlas-cmms-pulumi/go",
);

/** Docker Compose as the sandbox has built it, where it has. */
export const composeProgram = existsSync(programs)
  ? readdirSync(programs)
      .filter((name) => /^compose-[0-9a-f]+$/.test(name))
      .map((name) => path.join(programs, name))[0]
  : undefined;

export interface ComposeView {
  services: Record<
    string,
    { environment?: Record<string, string>; ports?: unknown[]; [key: string]: unknown }
  >;
  volumes: Record<string, unknown>;
  configs?: Record<string, { file: string }>;
}

/** What Compose makes of a release's files. */
export function composeView(files: Record<string, string>, profiles: string[] = []): ComposeView {
  if (!composeProgram) throw new Error("Docker Compose is not built; scripts/test builds it");
  const folder = mkdtempSync(path.join(tmpdir(), "atlas-test-"));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
    const options = profiles.flatMap((profile) => ["--profile", profile]);
    const args = ["--project-directory", folder, "--file", path.join(folder, "compose.yaml"), ...options];
    const text = execFileSync(composeProgram, [...args, "config", "--format", "json"], {
      encoding: "utf8",
      env: { PATH: process.env.PATH, HOME: folder },
      maxBuffer: 1e8,
    });
    return JSON.parse(text) as ComposeView;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
