import { Server, ServerCredentials } from "@grpc/grpc-js";
import rpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { commandService } from "./service.ts";

const ANY_SIZE = 400 * 1024 * 1024;

// The engine gives its address as the only argument: what commands print goes there.
const server = new Server({
  "grpc.max_receive_message_length": ANY_SIZE,
  "grpc.max_send_message_length": ANY_SIZE,
});
server.addService(rpc.ResourceProviderService, commandService(process.argv[2]));
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  // The port on the first line of output is how the engine finds the plugin.
  process.stdout.write(`${port}\n`);
});

// A killed engine ends nobody: the plugin notices that its parent has changed and goes too.
const engine = process.ppid;
setInterval(() => {
  if (process.ppid !== engine) process.exit(0);
}, 2_000).unref();
