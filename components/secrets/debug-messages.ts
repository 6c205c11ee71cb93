// Pulumi's SDK writes every answer of the engine whole, secrets in the clear, into debug messages: `--debug` shows
// them, and an event log (which the automation API always asks for) keeps them.
import resources from "@pulumi/pulumi/proto/resource_pb.js";

for (const answer of [resources.RegisterResourceResponse, resources.ReadResourceResponse])
  answer.prototype.toString = () => "(not shown)";
