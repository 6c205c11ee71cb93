import { Server, ServerCredentials, type UntypedServiceImplementation } from "@grpc/grpc-js";
import rpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";

/** Serves until the engine ends the process; the port on the first line of output is how the engine finds it. */
export async function serve(service: UntypedServiceImplementation): Promise<void> {
  endWithEngine();
  const anySize = 400 * 1024 * 1024;
  const server = new Server({
    "grpc.max_receive_message_length": anySize,
    "grpc.max_send_message_length": anySize,
  });
  server.addService(rpc.ResourceProviderService, service);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  process.stdout.write(`${port}\n`);
}

/** A killed engine ends nobody: the plugin notices that its parent has changed and goes too. */
function endWithEngine(): void {
  const engine = process.ppid;
  setInterval(() => {
    if (process.ppid !== engine) process.exit(0);
  }, 2_000).unref();
}
