// What every container of a deployment gets, whichever host runs it.

/** Label that keeps the image's reference, where a container itself is made from an id. */
export const imageLabel = "org.atlas-cmms.image";

/** Starts again after a crash and with the machine, but not after somebody has stopped it. */
export const restartPolicy = "unless-stopped";

/** Rotated, so that a chatty service cannot fill the disk. */
export const logging = { driver: "json-file", options: { "max-size": "10m", "max-file": "3" } };

/** Each service names those that it keeps. */
export const droppedCapabilities = ["ALL"];

export const securityOptions = ["no-new-privileges:true"];
