export interface Recipe {
  readonly title: string;
  /** A whole JavaScript module. */
  readonly program: string;
  /** What it prints. */
  readonly output: string;
}

/**
 * The recipes of a page in Markdown: each section has one program and below it what it prints.
 * @throws Error naming the section that has not
 */
export function recipesOf(page: string): Recipe[] {
  const [, ...sections] = page.split(/^## /m);
  return sections.map((section) => {
    const title = section.slice(0, section.indexOf("\n"));
    const blocks = [...section.matchAll(/^```(\w*)\n(.*?)^```$/gms)];
    const [program, output] = blocks;
    if (blocks.length !== 2 || program?.[1] !== "js" || output?.[1] !== "text")
      throw new Error(
        `"${title}" must have one js block and, below it, one text block with what that prints`,
      );
    return { title, program: program[2] ?? "", output: output[2] ?? "" };
  });
}
