// The program: configuration in, a running and proven Atlas out.
import { AtlasDeployment } from "./components/atlas-deployment.ts";
import { readConfig } from "./components/config.ts";
import { Guard } from "./components/guard.ts";

// Node keeps every line where it stands in the source, so no stack needs a source map; the SDK has one looked up for
// each promise that it makes, a quarter of a second in all.
Reflect.deleteProperty(Error, "prepareStackTrace");

const config = readConfig();
const guard = new Guard();
const atlas = new AtlasDeployment("atlas", config, { dependsOn: guard.approval });

export const cost = guard.approve(config);
export const url = atlas.url;
export const apiUrl = atlas.apiUrl;
export const address = atlas.address;
export const adminEmail = atlas.adminEmail;
export const adminPassword = atlas.adminPassword;
export const backupKey = atlas.backupKey;
export const services = atlas.services;
export const smoke = atlas.smoke;
