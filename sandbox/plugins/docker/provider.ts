import type Docker from "dockerode";
import { packageVersion } from "../../../scripts/lib/package-version.ts";
import { boolean, type Fields, list, object, type ProviderDefinition, string } from "../bridge/schema.ts";
import { container } from "./container/container.ts";
import { connect, withEnvironment } from "./engine.ts";
import { network } from "./network.ts";
import { remoteImage } from "./remote-image.ts";
import { volume } from "./volume.ts";

/** Registry credentials and the docker context are taken and not used: the sandbox has neither. */
const config: Fields = {
  caMaterial: string(),
  certMaterial: string(),
  certPath: string(),
  context: string(),
  disableDockerDaemonCheck: boolean(),
  host: string(),
  keyMaterial: string(),
  registryAuth: list(object({ address: string({ required: true }), password: string(), username: string() })),
  sshOpts: list(string()),
};

export const docker: ProviderDefinition<Docker> = {
  name: "docker",
  // The plugin is of the version its SDK asks for.
  version: packageVersion("@pulumi/docker"),
  config,
  checkConfig: (given) => withEnvironment(given, process.env),
  configure: (given) => connect(withEnvironment(given, process.env)),
  resources: {
    "docker:index/container:Container": container,
    "docker:index/network:Network": network,
    "docker:index/volume:Volume": volume,
    "docker:index/remoteImage:RemoteImage": remoteImage,
  },
};
