/**
 * Registry prefix of every image of the twin. The top-level domain is reserved (RFC 2606): nothing can ever be pulled
 * from there, and no official name is taken.
 */
export const imageMirror = "atlas-sandbox.invalid";
