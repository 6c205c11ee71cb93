// What the operations act on: one deployment, on the Docker engine of the machine that they run on. On a droplet it is
// read from a file that a release brings along; on local Docker the scripts make it from the stack's state.
import { z } from "zod";

const text = z.string().min(1);

/** S3-compatible storage beside the machine, such as DigitalOcean Spaces. */
const remote = z.strictObject({
  endpoint: z.url(),
  region: text,
  bucket: text,
  /** Begins the name of every object; ends with a slash where it is not empty. */
  prefix: z.string(),
  accessKeyId: text,
  secretAccessKey: text,
});

const mailServer = z.strictObject({
  host: text,
  port: z.int().positive(),
  /** TLS from the first byte; otherwise STARTTLS where the server offers it. */
  secure: z.boolean(),
  user: z.string(),
  password: z.string(),
  from: text,
});

export const deploymentSchema = z.strictObject({
  /** Of the stack. */
  name: text,
  /** Containers are PREFIX-postgres, PREFIX-backend, ...; see services/service.ts for their names. */
  namePrefix: text,
  publicUrl: z.url(),
  adminEmail: text,
  /** Whether there is an object store. */
  storage: z.boolean(),
  /** Where sets, results and the audit log lie. */
  folder: text,
  /** Where sets are kept besides, encrypted. */
  remote: remote.optional(),
  /** An age identity (AGE-SECRET-KEY-1...): what leaves the machine can be read with it alone. */
  backupKey: text,
  /** How many sets are kept: the newest of so many days, weeks and months. */
  keep: z.strictObject({ daily: z.int(), weekly: z.int(), monthly: z.int() }),
  alerts: z.strictObject({
    /** Gets each alert as JSON by POST. */
    webhook: z.url().optional(),
    mail: z.strictObject({ to: text, server: mailServer }).optional(),
  }),
});

export type Deployment = z.output<typeof deploymentSchema>;
export type Remote = z.output<typeof remote>;
export type MailServer = z.output<typeof mailServer>;

export const containerOf = ({ namePrefix }: Deployment, service: string): string =>
  `${namePrefix}-${service}`;
