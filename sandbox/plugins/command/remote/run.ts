import type { Props } from "../../bridge/schema.ts";
import { endedText, quoted } from "../go-text.ts";
import { capture, type Logging, type Outputs } from "../output.ts";
import type { Context } from "../resource.ts";
import type { Connection } from "./connection.ts";
import { dial } from "./dial.ts";
import { ended, openSession, type Session } from "./session.ts";

/** The part of the inputs of remote.Command that says how to run. */
interface RemoteInputs {
  connection: Connection;
  environment?: Record<string, string>;
  stdin?: string;
  logging?: Logging;
  addPreviousOutputInEnv?: boolean;
}

/** @throws with how the command ended and everything it printed */
export async function runRemotely(
  context: Context,
  command: string,
  inputs: Props,
  previous: Outputs,
): Promise<Props> {
  // Check has seen to the types.
  const how = inputs as unknown as RemoteInputs;
  const client = await dial(how.connection, context);
  try {
    const session = await openSession(client);
    await setEnvironment(session, how, previous, context);
    const output = capture(context.log, how.logging);
    const failure = await finish(session, command, how.stdin ?? "", output, context.signal);
    await output.end();
    if (failure !== undefined) throw new Error(`${failure}: running ${quoted(command)}:\n${output.all()}`);
    return { ...output.outputs() };
  } finally {
    client.end();
  }
}

async function setEnvironment(
  session: Session,
  how: RemoteInputs,
  previous: Outputs,
  { log }: Context,
): Promise<void> {
  for (const [name, value] of Object.entries(how.environment ?? {})) {
    if (await session.setVariable(name, value)) continue;
    log.error(refused(name));
    await log.sent();
    throw new Error(`could not set environment variable ${quoted(name)}: ssh: setenv failed`);
  }
  if (how.addPreviousOutputInEnv === false) return;
  const printed = { PULUMI_COMMAND_STDOUT: previous.stdout, PULUMI_COMMAND_STDERR: previous.stderr };
  for (const [name, value] of Object.entries(printed))
    if (value !== "" && !(await session.setVariable(name, value))) log.warning(refused(name));
}

function refused(name: string): string {
  return (
    `Unable to set '${name}'. This only works if your SSH server is configured to accept these variables via ` +
    "AcceptEnv. Alternatively, if a Bash-like shell runs the command on the remote host, you could prefix the " +
    "command itself with the variables in the form 'VAR=value command'"
  );
}

async function finish(
  { channel, start, kill }: Session,
  command: string,
  stdin: string,
  output: ReturnType<typeof capture>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const over = ended(channel);
  channel.on("data", output.stdout);
  channel.stderr.on("data", output.stderr);
  // A command need not read what it is given.
  channel.on("error", () => {});
  if (!(await start(command))) return `ssh: command ${command} failed`;

  if (signal.aborted) kill();
  else signal.addEventListener("abort", kill);
  channel.end(stdin);
  const failure = await over;
  signal.removeEventListener("abort", kill);
  return signal.aborted ? endedText(signal) : failure;
}
