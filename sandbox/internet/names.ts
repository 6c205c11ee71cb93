// The names that the twin's internet answers for by itself.
import { imageMirror } from "../images/names.ts";

export const registryHost = imageMirror;
export const acmeHost = `acme.${imageMirror}`;

/** Name of the certificate authority, in the paths of its storage and of its ACME directory. */
export const authorityName = "sandbox";
export const acmeDirectory = `https://${acmeHost}/acme/${authorityName}/directory`;
