// A Pulumi language host for Node.js: the engine starts it, reads the port from its first line, and asks it over
// gRPC (pulumirpc.LanguageRuntime) to run the program. The official host is published neither as an npm package nor
// as a Go module of the pinned version, so machines without the download host use this one. It hands the engine's
// own monitor address to the program, so that hooks and transforms work as they do with the official one.
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import grpc from "@grpc/grpc-js";
import languageService from "@pulumi/pulumi/proto/language_grpc_pb.js";
import language from "@pulumi/pulumi/proto/language_pb.js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import { packageVersion } from "../../scripts/lib/package-version.ts";

const require = createRequire(import.meta.url);
/** The SDK's exit code for "the error has been shown to the user already" (cmd/run/index.ts). */
const EXIT_ALREADY_REPORTED = 32;

const running = new Set<ChildProcess>();

/** Arguments of the SDK's runner, in the order that it documents in its usage text. */
function runnerArguments(request: InstanceType<typeof language.RunRequest>, engine: string): string[] {
  const info = request.getInfo();
  const flags: Record<string, string> = {
    monitor: request.getMonitorAddress(),
    engine,
    organization: request.getOrganization(),
    project: request.getProject(),
    stack: request.getStack(),
    pwd: request.getPwd(),
    parallel: String(request.getParallel()),
    "root-directory": info?.getRootDirectory() ?? request.getPwd(),
  };
  return [
    ...Object.entries(flags)
      .filter(([, value]) => value !== "")
      .map(([name, value]) => `--${name}=${value}`),
    ...(request.getDryrun() ? ["--dry-run"] : []),
    info?.getEntryPoint() || request.getProgram() || ".",
    ...request.getArgsList(),
  ];
}

function runProgram(
  request: InstanceType<typeof language.RunRequest>,
  engine: string,
): Promise<number | null> {
  const programDirectory = request.getInfo()?.getProgramDirectory() || request.getPwd();
  const runner = createRequire(path.join(programDirectory, "index.js")).resolve("@pulumi/pulumi/cmd/run");
  const child = spawn("node", [runner, ...runnerArguments(request, engine)], {
    cwd: programDirectory,
    stdio: ["ignore", "inherit", "inherit"],
    env: {
      ...process.env,
      PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().toArray())),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
      PULUMI_NODEJS_TYPESCRIPT: "false",
    },
  });
  running.add(child);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => {
      running.delete(child);
      resolve(code);
    });
  });
}

/** Provider plugins that the program's installed packages ask for. */
function requiredPlugins(programDirectory: string): { name: string; version: string }[] {
  const scope = path.join(programDirectory, "node_modules", "@pulumi");
  return readdirSync(scope)
    .map((name) => JSON.parse(readFileSync(path.join(scope, name, "package.json"), "utf8")))
    .filter((manifest) => manifest.pulumi?.resource)
    .map((manifest) => ({
      name: manifest.pulumi.name ?? manifest.name.replace("@pulumi/", ""),
      version: `v${manifest.pulumi.version ?? manifest.version}`,
    }));
}

function stopPrograms(): void {
  for (const child of running) child.kill("SIGTERM");
}

function serve(engine: string): void {
  const server = new grpc.Server();
  server.addService(languageService.LanguageRuntimeService as unknown as grpc.ServiceDefinition, {
    getPluginInfo: (_call: unknown, callback: grpc.sendUnaryData<unknown>) => {
      callback(null, new plugin.PluginInfo().setVersion(packageVersion("@pulumi/pulumi")));
    },
    getRequiredPackages: (
      call: grpc.ServerUnaryCall<InstanceType<typeof language.GetRequiredPackagesRequest>, unknown>,
      callback: grpc.sendUnaryData<unknown>,
    ) => {
      const directory = call.request.getInfo()?.getProgramDirectory() ?? process.cwd();
      const packages = requiredPlugins(directory).map(({ name, version }) =>
        new plugin.PackageDependency().setName(name).setVersion(version).setKind("resource"),
      );
      callback(null, new language.GetRequiredPackagesResponse().setPackagesList(packages));
    },
    run: (
      call: grpc.ServerUnaryCall<InstanceType<typeof language.RunRequest>, unknown>,
      callback: grpc.sendUnaryData<unknown>,
    ) => {
      runProgram(call.request, engine).then(
        (code) => {
          const response = new language.RunResponse();
          if (code === EXIT_ALREADY_REPORTED) response.setBail(true);
          else if (code !== 0) response.setError(`the program exited with code ${code ?? "none (killed)"}`);
          callback(null, response);
        },
        (error: Error) => callback({ code: grpc.status.UNKNOWN, details: error.message }),
      );
    },
    cancel: (_call: unknown, callback: grpc.sendUnaryData<unknown>) => {
      stopPrograms();
      callback(null, new (require("google-protobuf/google/protobuf/empty_pb.js").Empty)());
    },
  });
  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    process.stdout.write(`${port}\n`);
  });
}

/** An engine that was killed cannot stop its host: without this, host and program would live on. */
function exitWithEngine(): void {
  const engine = process.ppid;
  setInterval(() => {
    if (process.ppid === engine) return;
    stopPrograms();
    process.exit(1);
  }, 500).unref();
}

const engineAddress = process.argv.slice(2).findLast((argument) => !argument.startsWith("-"));
if (!engineAddress) throw new Error("usage: language-host.ts ENGINE_ADDRESS (the Pulumi engine starts this)");
exitWithEngine();
serve(engineAddress);
