// An S3-compatible storage outside of the twin, which its droplets reach where they reach its name server.
import { randomBytes } from "node:crypto";
import { imageFor } from "../../../components/services/images.ts";
import { bucket } from "../../../components/services/storage.ts";
import type { Remote } from "../../../ops/deployment.ts";
import { docker } from "../../../ops/docker.ts";
import { makeBucket, type ObjectStore } from "../../../ops/objects.ts";
import { openS3 } from "../../../ops/stores/s3.ts";
import { twinFolder } from "../../../sandbox/cloud.ts";
import { networkOf, openNetwork } from "../../../sandbox/digitalocean/machine/network.ts";
import { freePort } from "../../../sandbox/free-port.ts";
import { imageMirror } from "../../../sandbox/images/names.ts";
import { until } from "../test-stack.ts";

const image = imageFor("storage", { images: {}, imageMirror });

export class StorageElsewhere {
  readonly remote: Remote;
  readonly objects: ObjectStore;
  private readonly container: string;

  private constructor(container: string, endpoint: string) {
    this.container = container;
    this.remote = {
      endpoint,
      region: "us-east-1",
      bucket,
      prefix: "sets/",
      accessKeyId: "elsewhere",
      secretAccessKey: randomBytes(16).toString("hex"),
    };
    this.objects = { name: container, client: openS3(this.remote), bucket };
  }

  /** @param prefix begins the names of container and volume, which go with what else has it */
  static async open(prefix: string): Promise<StorageElsewhere> {
    const gateway = await openNetwork(networkOf(twinFolder));
    const it = new StorageElsewhere(`${prefix}-elsewhere`, `http://${gateway}:${await freePort()}`);
    await it.run(it.remote.secretAccessKey);
    await makeBucket(it.objects);
    return it;
  }

  stop(): Promise<string> {
    return docker(["stop", "--time", "1", this.container]);
  }

  async start(): Promise<void> {
    await docker(["start", this.container]);
    await this.answers();
  }

  /** Knows another password, or the one that is configured again. */
  async changePassword(password = this.remote.secretAccessKey): Promise<void> {
    await docker(["rm", "--force", this.container]);
    await this.run(password);
  }

  private async run(password: string): Promise<void> {
    const { accessKeyId, endpoint } = this.remote;
    await docker([
      ...["run", "--detach", "--name", this.container, "--network", "host", "--user", "0:0"],
      ...["--volume", `${this.container}:/data`, "--env", "MINIO_BROWSER=off"],
      ...["--env", `MINIO_ROOT_USER=${accessKeyId}`, "--env", `MINIO_ROOT_PASSWORD=${password}`],
      ...[image, "server", "/data", "--address", new URL(endpoint).host],
    ]);
    await this.answers();
  }

  private answers(): Promise<void> {
    const health = () => fetch(`${this.remote.endpoint}/minio/health/ready`);
    return until("the storage elsewhere", 60, () =>
      health().then(
        ({ ok }) => ok,
        () => false,
      ),
    );
  }
}
