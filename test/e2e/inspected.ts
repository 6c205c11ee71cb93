// What Docker tells of containers to whoever may ask it.
import type { Place } from "./secret-search.ts";

export interface Inspected {
  Id: string;
  Path: string;
  Args: string[];
  Config: { Env: string[]; Labels: unknown; Cmd: unknown; Entrypoint: unknown; Healthcheck: unknown };
}

export const inspectedPlaceNames = [
  "the containers' labels",
  "their commands and entry points",
  "their health checks",
  "all else that docker inspect tells, the environment apart",
] as const;

/** @param known in a label, and anywhere */
export function inspectedPlaces(
  inspected: Inspected[],
  known: { label: string; name: string },
): Record<(typeof inspectedPlaceNames)[number], Place> {
  const place = (pick: (container: Inspected) => unknown, word: string): Place => ({
    text: JSON.stringify(inspected.map(pick)),
    known: word,
  });
  return {
    "the containers' labels": place(({ Config }) => Config.Labels, known.label),
    "their commands and entry points": place(
      ({ Config, Path, Args }) => [Config.Cmd, Config.Entrypoint, Path, Args],
      "my-spring-boot-app.jar",
    ),
    "their health checks": place(({ Config }) => Config.Healthcheck, "health@check.invalid"),
    "all else that docker inspect tells, the environment apart": place(
      (container) => ({ ...container, Config: { ...container.Config, Env: [] } }),
      known.name,
    ),
  };
}
