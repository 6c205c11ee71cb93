// Run by plain Node: a process that has talked over ssh ends by itself. Reads {port, target, calls} from standard
// input, prints how each call ended.
import { text as readAll } from "node:stream/consumers";
import { runOverSsh, type SshTarget } from "../../../../components/hosts/ssh.ts";
import { redirectPorts } from "../redirected-ports.ts";

const { port, target, calls } = JSON.parse(await readAll(process.stdin)) as {
  port: number;
  target: SshTarget;
  calls: { command: string; timeoutMs: number }[];
};
using _ = redirectPorts({ 22: port });
const outcomes: string[] = [];
for (const { command, timeoutMs } of calls)
  outcomes.push(
    await runOverSsh(target, command, { timeoutMs }).then(
      ({ code, stdout }) => `${code} ${stdout}`,
      (error: Error) => error.message,
    ),
  );
process.stdout.write(JSON.stringify(outcomes));
