// docs/client.md: one page that a person reads from top to bottom, made from the client's code.
import {
  type ClassModel,
  type ClientModel,
  type Constant,
  type Documented,
  type Field,
  type Member,
  readClient,
  type TypeModel,
} from "./client-model.ts";

const HEAD = `# The Atlas client: reference

Made from the code by \`npm run docs:client\`; change the comments there, not this page. How things are done:
[recipes.md](recipes.md). "atlas-api N" names a section of the notes on Atlas' real API.`;

/** The page's text. */
export function clientReference(model: ClientModel = readClient()): string {
  const errors = model.classes.filter(({ name }) => name.endsWith("Error"));
  const others = model.classes.filter((one) => !errors.includes(one));
  const options = model.types.filter(({ file }) => ["options.ts", "operation.ts"].includes(file));
  const types = model.types.filter((one) => !options.includes(one));
  const sections = [
    HEAD,
    ...others.map(classText),
    `## Functions\n\n${membersText(model.functions)}`,
    "## Constants",
    ...model.constants.map(constantText),
    "## Options",
    ...options.map(typeText),
    errorsText(errors),
    "## Inputs, records and other types",
    ...types.map(typeText),
  ];
  return `${sections.join("\n\n")}\n`;
}

function classText(model: ClassModel): string {
  return [`## ${model.heading}`, ...comment(model), membersText(model.members)].join("\n\n");
}

function membersText(members: readonly Member[]): string {
  const item = (member: Member) => [`- \`${member.signature}\``, ...comment(member)].join("\n").split("\n");
  return members.map((member) => item(member).join("\n  ")).join("\n");
}

function constantText(constant: Constant): string {
  const value = `\`\`\`ts\nexport const ${constant.name} = ${constant.value};\n\`\`\``;
  return [`### ${constant.name}`, ...comment(constant), value].join("\n\n");
}

function errorsText(errors: readonly ClassModel[]): string {
  const rows = errors.map((error) => {
    const own = error.members.map(({ signature }) => code(signature)).join(", ");
    return row([`\`${error.name}\``, code(error.parent ?? ""), sentence(error), own]);
  });
  return [
    "## Errors",
    ["| class | is a | when | has |", "| --- | --- | --- | --- |", ...rows].join("\n"),
  ].join("\n\n");
}

function typeText(model: TypeModel): string {
  const shape = model.type === undefined ? fieldsText(model) : [code(model.type)];
  return [`### ${model.name}`, ...comment(model), ...shape].join("\n\n");
}

function fieldsText({ fields, parents, open }: TypeModel): string[] {
  const rows = fields.map((field) =>
    row([`\`${field.name}${field.optional ? "?" : ""}\``, code(field.type), sentence(field)]),
  );
  return [
    ["| field | type | meaning |", "| --- | --- | --- |", ...rows].join("\n"),
    ...(parents.length > 0 ? [`And all of ${parents.map(code).join(", ")}.`] : []),
    ...(open ? ["What else the server sends is there as well, unchecked."] : []),
  ];
}

/** Text, then what is thrown and returned, then examples. */
function comment(documented: Documented): string[] {
  const text = sentence(documented);
  const examples = documented.tags.filter(({ name }) => name === "example");
  return [
    ...(text === "" ? [] : [text]),
    ...examples.map(({ text: example }) => `\`\`\`ts\n${example}\n\`\`\``),
  ];
}

const WORDS: Readonly<Record<string, string>> = { throws: "Throws", returns: "Gives", default: "Default:" };

function sentence({ text, tags }: Documented | Field): string {
  const told = tags.flatMap(({ name, text: tag }) => {
    const words = tag.replaceAll(/\s+/g, " ");
    if (name === "param") return [`\`${words.split(" ")[0]}\`: ${words.split(" ").slice(1).join(" ")}.`];
    const word = WORDS[name];
    return word === undefined ? [] : [`${word} ${words}${/[.!?]$/.test(words) ? "" : "."}`];
  });
  return [text, ...told].filter((part) => part !== "").join(" ");
}

const code = (text: string): string => (text === "" ? "" : `\`${text}\``);

const row = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
